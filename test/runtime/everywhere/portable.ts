/** @module One test file for every JavaScript runtime: plain assertions, no test runner, no built-ins. */
import {
  ClientSecretPost,
  NotConnectedError,
  ScopesNeededError,
  TokenVault,
  type TokenVaultOptions,
  type VaultEvent,
} from "../../../runtime/index.ts";
import { PrivateKeyJwt } from "../../../runtime/private-key-jwt.ts";

/** The tenant and the API that the script started. */
export interface PortableWorld {
  domain: string;
  clientId: string;
  clientSecret: string;
  /** Of a user with an account connected. */
  refreshToken: string;
  connection: string;
  scopes: string[];
  /** `http://localhost:PORT` */
  apiUrl: string;
  /** Reaches the tenant over plain HTTP, for a runtime that does not take its certificate. */
  relay?: string;
}

/** Runs every check. Gives the titles of those that passed and what went wrong with the others. */
export async function runPortable(world: PortableWorld) {
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [title, check] of Object.entries(checks)) {
    try {
      await check(world);
      passed.push(title);
    } catch (error) {
      failed.push(`${title}: ${error}`);
    }
  }
  return { passed, failed };
}

const checks: Record<string, (world: PortableWorld) => Promise<void>> = {
  "fetches with the provider's token": async (world) => {
    const response = await vaultOf(world).fetch(world.connection, `${world.apiUrl}/tickets`);
    equal(response.status, 200);
    const { tickets } = (await response.json()) as { tickets?: unknown };
    ok(Array.isArray(tickets), "tickets are a list");
  },
  "makes one exchange for 200 callers at once": async (world) => {
    const events: VaultEvent[] = [];
    const vault = vaultOf(world, { onEvent: (event) => events.push(event) });
    await Promise.all(Array.from({ length: 200 }, () => vault.token(world.connection)));
    equal(events.filter(({ type }) => type === "exchange").length, 1);
  },
  "sends a body": async (world) => {
    const response = await vaultOf(world).fetch(world.connection, `${world.apiUrl}/tickets`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title: "portable", team: "payments" }),
    });
    ok(response.status === 201 || response.status === 200, `created, not ${response.status}`);
  },
  "lists what is connected, by the part that is loaded later": async (world) => {
    const accounts = await vaultOf(world).connections();
    equal(accounts[0]?.connection, world.connection);
  },
  "begins a connect with PKCE": async (world) => {
    const redirectUri = "https://app.example.com/callback";
    const error = await errorOf(vaultOf(world).connect(world.connection, { redirectUri }));
    // The client has no such callback: the tenant's own refusal shows that the request was understood.
    equal(error["code"], "TENANT_REFUSED");
  },
  "refuses a host that is not allowed, before any request": async (world) => {
    let requests = 0;
    const counting = { fetch: async () => new Response(`${++requests}`) };
    const vault = vaultOf(world, counting);
    const error = await errorOf(vault.fetch(world.connection, "https://evil.example.com/"));
    equal(error["code"], "DOMAIN_NOT_ALLOWED");
    equal(requests, 0);
  },
  "follows a redirect elsewhere without the token": async (world) => {
    const seen: (string | null)[] = [];
    const vault = vaultOf(world, {
      allowedDomains: ["*.example.com"],
      fetch: async (input, init) => {
        const { hostname } = new URL(`${input}`);
        if (!hostname.endsWith(".example.com")) {
          return (world.relay ? relayed(world.relay, world.domain) : fetch)(input, init);
        }
        seen.push(new Headers(init?.headers).get("authorization"));
        const location = "https://b.example.com/";
        return hostname === "a.example.com"
          ? new Response(null, { status: 302, headers: { location } })
          : new Response("there");
      },
    });
    const response = await vault.fetch(world.connection, "https://a.example.com/");
    equal(await response.text(), "there");
    ok(seen[0]?.startsWith("Bearer ") === true, "the first hop has the token");
    equal(seen[1], null);
  },
  "names the scopes that are missing": async (world) => {
    const error = await errorOf(vaultOf(world).token(world.connection, { scopes: ["admin"] }));
    ok(error instanceof ScopesNeededError, "it is a ScopesNeededError");
    equal(error["required"], ["admin"]);
  },
  "says that an account is not connected, by the part that is loaded later": async (world) => {
    const error = await errorOf(vaultOf(world).token(world.connection, { loginHint: "nobody" }));
    ok(error instanceof NotConnectedError, `it is a NotConnectedError, not ${error["code"]}`);
  },
  "ends at the caller's abort with the signal's reason": async (world) => {
    const { signal } = new AbortController();
    const aborted = AbortSignal.any([signal, AbortSignal.abort("the caller left")]);
    const ended = await vaultOf(world)
      .fetch(world.connection, world.apiUrl, { signal: aborted })
      .catch((reason: unknown) => reason);
    equal(ended, "the caller left");
  },
  "ends a request at its time limit": async (world) => {
    const vault = vaultOf(world, {
      timeoutMs: 20,
      fetch: (_, init) =>
        new Promise((__, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new Error("stopped")));
        }),
    });
    equal((await errorOf(vault.token(world.connection)))["code"], "TIMEOUT");
  },
  "signs an assertion that the public key verifies": async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const keys = (await crypto.subtle.generateKey(algorithm, true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const form = new URLSearchParams();
    const headers = new Headers();
    await PrivateKeyJwt(keys.privateKey)({ clientId: "c", form, headers, audience: "https://t/" });
    const [head = "", claims = "", signature = ""] = (form.get("client_assertion") ?? "").split(
      ".",
    );
    const verified = await crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      keys.publicKey,
      Uint8Array.from(atob(signature.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
        char.charCodeAt(0),
      ),
      new TextEncoder().encode(`${head}.${claims}`),
    );
    ok(verified, "the signature is right");
  },
};

type CryptoKeyPair = {
  privateKey: Parameters<typeof crypto.subtle.sign>[1];
  publicKey: Parameters<typeof crypto.subtle.sign>[1];
};

/** The vault of the world's user. */
export function vaultOf(world: PortableWorld, options: Partial<TokenVaultOptions> = {}) {
  return new TokenVault({
    domain: world.domain,
    clientId: world.clientId,
    clientAuth: ClientSecretPost(world.clientSecret),
    subjectToken: { type: "refresh_token", value: world.refreshToken },
    allowedDomains: [new URL(world.apiUrl).host],
    ...(world.relay ? { fetch: relayed(world.relay, world.domain) } : {}),
    ...options,
  });
}

function relayed(relay: string, domain: string): typeof fetch {
  return (input, init) => fetch(`${input}`.replace(`https://${domain}`, relay), init);
}

async function errorOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const ended = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (ended instanceof Error) return ended as Error & Record<string, unknown>;
  throw new Error(`expected an error, got ${ended}`);
}

function ok(value: boolean, what: string) {
  if (!value) throw new Error(`not so: ${what}`);
}

function equal(seen: unknown, wanted: unknown) {
  const [left, right] = [seen, wanted].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`${left} is not ${right}`);
}
