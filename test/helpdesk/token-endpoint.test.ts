/** @module What the token endpoint refuses, and what it does when asked many times at once. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import {
  allow,
  allScopes,
  bearer,
  clientId,
  clientSecret,
  connect,
  redirectUri,
  start,
  type TokenAnswer,
  tokenRequest,
  tokensOf,
} from "./connected.ts";

let helpdesk: Helpdesk;
beforeAll(async () => {
  helpdesk = await start();
});
afterAll(() => helpdesk.close());

/** Status and OAuth error of an answer. */
async function outcome(response: Response): Promise<[number, string | undefined]> {
  const { error } = (await response.json()) as { error?: string };
  return [response.status, error];
}

async function codeGrant(): Promise<Record<string, string>> {
  const code = (await allow(helpdesk)).searchParams.get("code") ?? "";
  return { grant_type: "authorization_code", code, redirect_uri: redirectUri };
}

function refresh(token = "", more: Record<string, string> = {}): Promise<Response> {
  return tokenRequest(helpdesk, { grant_type: "refresh_token", refresh_token: token, ...more });
}

function listTickets({ access_token }: TokenAnswer): Promise<Response> {
  return fetch(`${helpdesk.url}/tickets`, { headers: bearer(access_token) });
}

suite("/token with an authorization code", () => {
  test("RFC 6749 4.1.2: refuses a second use and revokes what the first one gave", async () => {
    const grant = await codeGrant();
    const tokens = await tokensOf(await tokenRequest(helpdesk, grant));
    expect((await listTickets(tokens)).status).toBe(200);
    expect(await outcome(await tokenRequest(helpdesk, grant))).toEqual([400, "invalid_grant"]);
    expect((await listTickets(tokens)).status).toBe(401);
    expect(await outcome(await refresh(tokens.refresh_token))).toEqual([400, "invalid_grant"]);
  });

  test("gives tokens to one of many uses at once", async () => {
    for (let round = 0; round < 3; round++) {
      const grant = await codeGrant();
      const uses = Array.from({ length: 8 }, () => tokenRequest(helpdesk, grant));
      const outcomes = await Promise.all((await Promise.all(uses)).map(outcome));
      const refused = outcomes.filter(([, error]) => error === "invalid_grant");
      expect(outcomes.length - refused.length).toBe(1);
    }
  });

  test.each([
    ["an unknown code", { code: "unknown" }, "invalid_grant"],
    ["another redirect_uri", { redirect_uri: `${redirectUri}/` }, "invalid_grant"],
    ["no redirect_uri", { redirect_uri: "" }, "invalid_request"],
    ["no code", { code: "" }, "invalid_request"],
    ["a verifier without a challenge", { code_verifier: "x".repeat(43) }, "invalid_grant"],
  ])("RFC 6749 4.1.3: refuses %s", async (_what, change, error) => {
    const grant = { ...(await codeGrant()), ...change };
    expect(await outcome(await tokenRequest(helpdesk, grant))).toEqual([400, error]);
  });
});

suite("/token client authentication", () => {
  test("RFC 6749 5.2: answers 401 with WWW-Authenticate to a wrong secret sent in Authorization", async () => {
    const response = await fetch(`${helpdesk.url}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${clientId}:wrong`)}` },
      body: new URLSearchParams(await codeGrant()),
    });
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    expect(await outcome(response)).toEqual([401, "invalid_client"]);
  });

  test.each([
    ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client"],
    ["no secret", { client_secret: "" }, 401, "invalid_client"],
    ["an unknown client", { client_id: "nobody" }, 401, "invalid_client"],
    ["no client", { client_id: "", client_secret: "" }, 400, "invalid_request"],
  ])("refuses %s", async (_what, change, status, error) => {
    const response = await tokenRequest(helpdesk, { ...(await codeGrant()), ...change });
    expect(await outcome(response)).toEqual([status, error]);
  });

  test("refuses two ways of authentication in one request", async () => {
    const response = await fetch(`${helpdesk.url}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ ...(await codeGrant()), client_secret: clientSecret }),
    });
    expect(await outcome(response)).toEqual([400, "invalid_request"]);
  });

  test.each(["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"])(
    "refuses the grant %s",
    async (grant_type) => {
      const response = await tokenRequest(helpdesk, { grant_type });
      expect(await outcome(response)).toEqual([400, "unsupported_grant_type"]);
    },
  );

  test("refuses a body that is JSON", async () => {
    const response = await fetch(`${helpdesk.url}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(await codeGrant()),
    });
    expect(await outcome(response)).toEqual([400, "invalid_request"]);
  });

  test("refuses GET", async () => {
    expect((await fetch(`${helpdesk.url}/token`)).status).toBe(405);
  });
});

suite("/token with a refresh token", () => {
  test("gives a new access token and leaves the old one and the refresh token as they are", async () => {
    const first = await connect(helpdesk);
    const second = await tokensOf(await refresh(first.refresh_token));
    expect(second).toMatchObject({ scope: allScopes, expires_in: 3600 });
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.refresh_token).toBe(first.refresh_token);
    expect((await listTickets(first)).status).toBe(200);
    expect((await listTickets(second)).status).toBe(200);
  });

  test("answers many uses at once, each with a token that is good", async () => {
    const { refresh_token } = await connect(helpdesk);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)));
    const tokens = await Promise.all(answers.map(tokensOf));
    expect(new Set(tokens.map(({ access_token }) => access_token)).size).toBe(20);
    const statuses = await Promise.all(
      tokens.map(async (each) => (await listTickets(each)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("RFC 6749 6: narrows the scope when asked, and never widens it", async () => {
    const { refresh_token } = await connect(helpdesk, { scope: "openid read:tickets" });
    const narrow = await tokensOf(await refresh(refresh_token, { scope: "read:tickets" }));
    expect(narrow.scope).toBe("read:tickets");
    const wide = await refresh(refresh_token, { scope: "openid read:tickets write:tickets" });
    expect(await outcome(wide)).toEqual([400, "invalid_scope"]);
  });

  test.each(["unknown", ""])("refuses the refresh token %o", async (token) => {
    const error = token === "" ? "invalid_request" : "invalid_grant";
    expect(await outcome(await refresh(token))).toEqual([400, error]);
  });
});

suite("/revoke", () => {
  async function revoke(form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
    return fetch(`${helpdesk.url}/revoke`, { method: "POST", body });
  }

  test("RFC 7009 2.1: a revoked refresh token takes its access tokens with it", async () => {
    const tokens = await connect(helpdesk);
    expect((await revoke({ token: tokens.refresh_token ?? "" })).status).toBe(200);
    expect(await outcome(await refresh(tokens.refresh_token))).toEqual([400, "invalid_grant"]);
    expect((await listTickets(tokens)).status).toBe(401);
    const userinfo = await fetch(`${helpdesk.url}/userinfo`, {
      headers: bearer(tokens.access_token),
    });
    expect(userinfo.status).toBe(401);
  });

  test("RFC 7009 2.2: answers 200 to a token it does not know", async () => {
    expect((await revoke({ token: "unknown" })).status).toBe(200);
  });

  test("refuses a client that does not prove itself", async () => {
    expect((await revoke({ token: "x", client_secret: "wrong" })).status).toBe(401);
  });
});

suite("an access token's end", () => {
  test("RFC 6750 3.1: is invalid_token at the API and at userinfo, and a refresh mends it", async () => {
    // Whole seconds: of a token for one second, the one that renews it could be over before it is used.
    const short = await start({ accessTokenTtlSeconds: 4 });
    try {
      const tokens = await connect(short);
      expect(tokens.expires_in).toBe(4);
      const get = (path: string, { access_token }: TokenAnswer) =>
        fetch(short.url + path, { headers: bearer(access_token) });
      await expect
        .poll(async () => (await get("/tickets", tokens)).status, { timeout: 20_000 })
        .toBe(401);
      const refused = await get("/userinfo", tokens);
      expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
      const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" };
      const renewed = await tokensOf(await tokenRequest(short, form));
      expect((await get("/tickets", renewed)).status).toBe(200);
    } finally {
      await short.close();
    }
  });
});
