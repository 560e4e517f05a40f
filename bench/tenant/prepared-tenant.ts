/** @module Our tenant's data for the measurements: 10,000 users, some of them logged in and connected. */
import { join } from "node:path";
import tls from "node:tls";
import { sha256 } from "../../tenant/identifiers.ts";
import { newUser } from "../../tenant/models/new-user.ts";
import { startTenant } from "../../tenant/start-tenant.ts";
import { openStore } from "../../tenant/store.ts";
import type { Contender } from "./contenders.ts";
import type { Post } from "./load.ts";

export const userCount = 10_000;
/** Users with a refresh token and a connected account. */
const connectedCount = 500;

const vaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const main = join(import.meta.dirname, "../../tenant/main.mjs");

export interface PreparedTenant {
  readonly contender: Contender;
  readonly caPem: string;
}

/** Fills a folder by the tenant's own API, and the users, whose passwords would take minutes, by its store. */
export async function preparedTenant(dir: string): Promise<PreparedTenant> {
  const tenant = await startTenant({ dir, port: 0 });
  const { url, domain, caPem, managementClient } = tenant;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), caPem]);
  const machine = {
    grant_type: "client_credentials",
    client_id: managementClient.clientId,
    client_secret: managementClient.clientSecret,
    audience: `${url}/api/v2/`,
  };
  const token = await post(`${url}/oauth/token`, machine);
  const api = (path: string, body: object) =>
    post(`${url}/api/v2${path}`, body, String(token["access_token"]));
  const client = await api("/clients", {
    name: "bench",
    app_type: "regular_web",
    oidc_conformant: true,
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token", "client_credentials", vaultGrant],
  });
  const app = { client_id: String(client["client_id"]), client_secret: client["client_secret"] };
  // As small a token as the peers sign: the Management API's has its two hundred scopes in it.
  const audience = "https://bench.example";
  await api("/resource-servers", { identifier: audience, name: "bench" });
  await api("/client-grants", { client_id: app.client_id, audience, scope: [] });
  const connection = await api("/connections", {
    name: "bench",
    strategy: "oauth2",
    connected_accounts: { active: true },
    enabled_clients: [app.client_id],
    options: {
      client_id: "x",
      client_secret: "x",
      authorizationURL: "https://provider.example/authorize",
      tokenURL: "https://provider.example/token",
    },
  });
  await tenant.close();
  fill(dir, app.client_id, String(connection["id"]));
  const tokens = Array.from({ length: connectedCount }, (_, index) => refreshToken(index));
  const form = (params: object): string =>
    new URLSearchParams({ ...app, ...params } as Record<string, string>).toString();
  const operations = {
    "signed token": asForms([form({ grant_type: "client_credentials", audience })]),
    refresh: asForms(
      tokens.map((each) => form({ grant_type: "refresh_token", refresh_token: each })),
    ),
    "vault exchange": asForms(
      tokens.map((each) =>
        form({
          grant_type: vaultGrant,
          subject_token: each,
          subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token",
          requested_token_type:
            "http://auth0.com/oauth/token-type/federated-connection-access-token",
          connection: "bench",
        }),
      ),
    ),
  };
  const port = Number(domain.split(":")[1]);
  return {
    caPem,
    contender: {
      name: "this tenant",
      command: [main, "--dir", dir, "--port", String(port)],
      cwd: dir,
      env: {},
      ready: (output) =>
        output.includes("tenant listening on") ? { port, operations } : undefined,
    },
  };
}

function asForms(bodies: readonly string[]): Post {
  return { path: "/oauth/token", contentType: "application/x-www-form-urlencoded", bodies };
}

function refreshToken(index: number): string {
  return `v1.bench-${index}`;
}

function fill(dir: string, clientId: string, connectionId: string): void {
  const now = Math.floor(Date.now() / 1000);
  const store = openStore(dir, () => now);
  store.transaction(() => {
    for (let index = 0; index < userCount; index += 1) {
      const id = `auth0|bench-${index}`;
      const email = `user-${index}@bench.example`;
      const identity = {
        ...{ connection: "Username-Password-Authentication", provider: "auth0" },
        ...{ user_id: `bench-${index}`, isSocial: false },
      };
      store.users.put(id, newUser({ userId: id, identity, profile: { email }, now }));
      if (index >= connectedCount) continue;
      store.refreshTokens.put(`rt-${index}`, {
        ...{ id: `rt-${index}`, token_hash: sha256(refreshToken(index)), user_id: id },
        ...{ client_id: clientId, session_id: `session-${index}`, rotating: false },
        scope: "openid profile email offline_access",
        ...{ auth_time: now, created_at: now, last_exchanged_at: now },
      });
      store.connectedAccounts.put(`cac_bench${index}`, {
        ...{ id: `cac_bench${index}`, user_id: id, connection: "bench" },
        ...{ connection_id: connectionId, strategy: "oauth2", idp_user_id: `idp-${index}` },
        ...{ access_type: "offline", scopes: ["read:tickets"], token_scope: "read:tickets" },
        created_at: new Date(now * 1000).toISOString(),
        access_token: `provider-access-token-${index}`,
        access_token_expires_at: now + 86_400,
        refresh_token: `provider-refresh-token-${index}`,
      });
    }
  });
  store.close();
}

async function post(url: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
