/** @module The real local tenant and the real helpdesk, with what the stack would declare made by API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { startHelpdesk } from "../../helpdesk/helpdesk.ts";
import { startTenant } from "../../tenant/start-tenant.ts";
import { freePort } from "../free-ports.ts";
import { specFetch } from "../tenant/spec/spec-fetch.ts";

export const CONNECTION = "acme-helpdesk";
export const HELPDESK_SCOPES = ["openid", "profile", "read:tickets", "write:tickets"];
const VAULT_GRANT =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const ME_SCOPES = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);

/** Makes a call of the Management API; `path` begins with a slash. */
export type Manage = <T = Record<string, unknown>>(
  method: string,
  path: string,
  body?: object,
) => Promise<T>;

export interface RealWorld {
  domain: string;
  /** PEM file that the CLI trusts. */
  caFile: string;
  helpdeskUrl: string;
  /** `localhost:PORT` of the helpdesk. */
  helpdeskHost: string;
  clientId: string;
  clientSecret: string;
  connectionId: string;
  myAccountApiId: string;
  clientGrantId: string;
  /** The port that the client's callbacks have. */
  callbackPort: number;
  manage: Manage;
  /** Request fields and operations that had no effect. */
  droppedFields(): unknown[];
  close(): Promise<void>;
}

export async function realWorld(): Promise<RealWorld> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-world-"));
  const tenant = await startTenant({ dir, port: 0 });
  const { domain } = tenant;
  setDefaultCACertificates([...getCACertificates("default"), tenant.caPem.trim()]);
  // Whatever the kit sends in this process, and what it is answered, is held to Auth0's descriptions.
  const plainFetch = globalThis.fetch;
  const heldFetch = specFetch(plainFetch);
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return (new URL(url).host === domain ? heldFetch : plainFetch)(input, init);
  };
  const clientSecret = "helpdesk-client-secret-of-the-test";
  const helpdesk = await startHelpdesk({
    port: 0,
    clientSecret,
    redirectUris: [`https://${domain}/login/callback`],
  });
  const manage = await managementApi(domain, tenant.managementClient);
  const callbackPort = await freePort();
  const made = await declare(manage, {
    domain,
    helpdeskUrl: helpdesk.url,
    clientSecret,
    callbackPort,
  });
  return {
    domain,
    caFile: join(dir, "ca.pem"),
    helpdeskUrl: helpdesk.url,
    helpdeskHost: new URL(helpdesk.url).host,
    callbackPort,
    manage,
    droppedFields: () => tenant.droppedFields(),
    ...made,
    close: async () => {
      globalThis.fetch = plainFetch;
      await helpdesk.close();
      await tenant.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function managementApi(
  domain: string,
  client: { clientId: string; clientSecret: string },
): Promise<Manage> {
  const answer = await fetch(`https://${domain}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      audience: `https://${domain}/api/v2/`,
    }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return async (method, path, body) => {
    const response = await fetch(`https://${domain}/api/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : {};
  };
}

async function declare(
  manage: Manage,
  world: { domain: string; helpdeskUrl: string; clientSecret: string; callbackPort: number },
) {
  const { domain, helpdeskUrl, clientSecret, callbackPort } = world;
  const audience = `https://${domain}/me/`;
  const origin = `http://127.0.0.1:${callbackPort}`;
  const api = await manage<{ id: string }>("POST", "/resource-servers", {
    identifier: audience,
    name: "Auth0 My Account API",
    scopes: ME_SCOPES.map((value) => ({ value })),
  });
  const client = await manage<{ client_id: string; client_secret: string }>("POST", "/clients", {
    name: "tvk test",
    app_type: "regular_web",
    oidc_conformant: true,
    is_first_party: true,
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token", VAULT_GRANT],
    callbacks: [`${origin}/callback`],
    allowed_logout_urls: [origin],
    refresh_token: {
      rotation_type: "non-rotating",
      expiration_type: "non-expiring",
      policies: [{ audience, scope: ME_SCOPES }],
    },
  });
  const grant = await manage<{ id: string }>("POST", "/client-grants", {
    client_id: client.client_id,
    audience,
    scope: ME_SCOPES,
    subject_type: "user",
  });
  const connection = await manage<{ id: string }>("POST", "/connections", {
    name: CONNECTION,
    strategy: "oauth2",
    connected_accounts: { active: true },
    authentication: { active: true },
    options: {
      client_id: "auth0-custom-oauth2",
      client_secret: clientSecret,
      authorizationURL: `${helpdeskUrl}/authorize`,
      tokenURL: `${helpdeskUrl}/token`,
      scope: HELPDESK_SCOPES.join(" "),
      scripts: { fetchUserProfile: profileScript(helpdeskUrl) },
    },
  });
  await manage("PATCH", `/connections/${connection.id}/clients`, [
    { client_id: client.client_id, status: true },
  ]);
  return {
    clientId: client.client_id,
    clientSecret: client.client_secret,
    connectionId: connection.id,
    myAccountApiId: api.id,
    clientGrantId: grant.id,
  };
}

function profileScript(helpdeskUrl: string) {
  return `function fetchUserProfile(accessToken, ctx, cb) {
    request.get({ url: "${helpdeskUrl}/userinfo", headers: { Authorization: "Bearer " + accessToken }, json: true },
      function (err, res, body) {
        if (err) return cb(err);
        cb(null, { user_id: body.user_id, email: body.email, name: body.name });
      });
  }`;
}
