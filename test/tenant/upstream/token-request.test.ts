/** @module The provider's token endpoint, with all that real providers answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import { type Provider, ProviderError, readProvider } from "../../../tenant/upstream/provider.ts";
import {
  exchangeCode,
  ProviderRefusal,
  refreshTokens,
} from "../../../tenant/upstream/token-request.ts";

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { path: string; headers: IncomingMessage["headers"]; form: Record<string, string> }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = Object.fromEntries(new URLSearchParams(body));
    seen.push({ path: request.url ?? "", headers: request.headers, form });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  seen = [];
  answer = json(200, { access_token: "at", token_type: "Bearer" });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function json(status: number, body: unknown) {
  return raw(status, "application/json", JSON.stringify(body));
}
function raw(status: number, type: string, body: string) {
  return (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { "content-type": type }).end(body);
}

function connection(options: Record<string, unknown> = {}): ConnectionRow {
  return {
    id: "con_1",
    name: "desk",
    strategy: "oauth2",
    options: {
      client_id: "tenant",
      client_secret: "the secret",
      authorizationURL: `${url}/authorize`,
      tokenURL: `${url}/token`,
      scope: "openid read:tickets",
      ...options,
    },
    is_domain_connection: false,
    authentication: { active: true },
    connected_accounts: { active: true },
    enabled_clients: [],
    realms: [],
  };
}
const provider = (options?: Record<string, unknown>): Provider => readProvider(connection(options));
const code = { code: "the-code", redirectUri: "https://tenant.example.com/login/callback" };

// parity: option `tokenURL` | RFC 6749 4.1.3 and 5
suite("exchangeCode()", () => {
  test("RFC 6749 4.1.3: posts code, redirect URI and client in the body", async () => {
    await exchangeCode(provider(), code);
    expect(seen[0]).toMatchObject({
      path: "/token",
      form: {
        grant_type: "authorization_code",
        code: "the-code",
        redirect_uri: code.redirectUri,
        client_id: "tenant",
        client_secret: "the secret",
      },
    });
    expect(seen[0]?.form).not.toHaveProperty("code_verifier");
    expect(seen[0]?.headers["user-agent"]).toBe("token-vault-kit-tenant");
  });

  // parity: option `pkce_enabled` | RFC 7636
  test("sends the verifier when the connection takes part in PKCE", async () => {
    await exchangeCode(provider({ pkce_enabled: true }), { ...code, codeVerifier: "v".repeat(43) });
    expect(seen[0]?.form["code_verifier"]).toBe("v".repeat(43));
  });

  // parity: option `customHeaders` | docs: oauth2 connections
  test("sends custom headers, and no secret in the body next to an Authorization header", async () => {
    await exchangeCode(
      provider({ customHeaders: { Authorization: "Basic abc", "X-Team": "one" } }),
      code,
    );
    expect(seen[0]?.headers).toMatchObject({ authorization: "Basic abc", "x-team": "one" });
    expect(seen[0]?.form).toMatchObject({ client_id: "tenant" });
    expect(seen[0]?.form).not.toHaveProperty("client_secret");
  });

  test("needs no secret", async () => {
    await exchangeCode(provider({ client_secret: undefined }), code);
    expect(seen[0]?.form).not.toHaveProperty("client_secret");
  });

  test("reads expiry, refresh token and scopes, and keeps the whole answer", async () => {
    const body = {
      access_token: "at",
      token_type: "bearer",
      expires_in: 300,
      refresh_token: "rt",
      refresh_token_expires_in: 9000,
      scope: "openid read:tickets",
      id_token: "not.checked.here",
      team: { id: 7 },
    };
    answer = json(200, body);
    expect(await exchangeCode(provider(), code)).toEqual({
      accessToken: "at",
      expiresIn: 300,
      refreshToken: "rt",
      refreshExpiresIn: 9000,
      scopes: ["openid", "read:tickets"],
      answer: body,
    });
  });

  test.each([
    ["a form", "application/x-www-form-urlencoded", "access_token=at&scope=a%2Cb&expires_in=60"],
    ["a form called text", "text/plain", "access_token=at&scope=a%2Cb&expires_in=60"],
    ["JSON called text", "text/plain", '{"access_token":"at","scope":"a,b","expires_in":"60"}'],
    ["JSON called HTML", "text/html", '{"access_token":"at","scope":"a b","expires_in":60}'],
    [
      "a list of scopes",
      "application/json",
      '{"access_token":"at","scope":["a","b"],"expires_in":60}',
    ],
  ])("understands %s", async (_name, type, body) => {
    answer = raw(200, type, body);
    expect(await exchangeCode(provider(), code)).toMatchObject({
      accessToken: "at",
      scopes: ["a", "b"],
      expiresIn: 60,
    });
  });

  test("leaves out what the provider does not say", async () => {
    expect(await exchangeCode(provider(), code)).toMatchObject({
      expiresIn: undefined,
      refreshToken: undefined,
      refreshExpiresIn: undefined,
      scopes: undefined,
    });
  });

  test("passes the provider's error on, also when its status says that all is well", async () => {
    const body = {
      error: "bad_verification_code",
      error_description: "The code is incorrect or expired.",
    };
    for (const status of [200, 400, 401]) {
      answer = json(status, body);
      await expect(exchangeCode(provider(), code)).rejects.toMatchObject({
        name: "ProviderRefusal",
        error: "bad_verification_code",
        message: "The code is incorrect or expired.",
      });
    }
  });

  test.each([
    ["nothing", raw(200, "application/json", "")],
    ["HTML", raw(200, "text/html", "<html>login=1</html>")],
    ["no access token", json(200, { token_type: "bearer" })],
    ["an empty access token", json(200, { access_token: "" })],
    ["a list", json(200, ["at"])],
    ["500", raw(500, "text/plain", "boom")],
  ])(
    "refuses an answer with %s, naming the connection and never the body",
    async (_name, respond) => {
      answer = respond;
      const failure = exchangeCode(provider(), code);
      await expect(failure).rejects.toThrow(/the token endpoint of "desk" answered \d{3}/);
      await expect(failure).rejects.toBeInstanceOf(ProviderRefusal);
    },
  );

  test.each([301, 302, 303, 307, 308])(
    "does not carry the secret after a %s redirect",
    async (status) => {
      answer = (_request, response) =>
        response.writeHead(status, { location: `${url}/elsewhere` }).end();
      await expect(exchangeCode(provider(), code)).rejects.toThrow(`a redirect, ${status}`);
      expect(seen.map(({ path }) => path)).toEqual(["/token"]);
    },
  );

  test("says that the provider can't be reached, without the secret", async () => {
    const failure = exchangeCode(provider({ tokenURL: "http://127.0.0.1:1/token" }), code);
    await expect(failure).rejects.toMatchObject({ error: "unreachable" });
    await expect(failure).rejects.toThrow(/can't be reached: .*ECONNREFUSED/);
    await expect(failure).rejects.not.toThrow("the secret");
  });

  test("never calls a metadata address", async () => {
    const failure = exchangeCode(provider({ tokenURL: "http://169.254.169.254/token" }), code);
    await expect(failure).rejects.toThrow("link-local or metadata address");
  });
});

// parity: refresh at the provider | RFC 6749 6
suite("refreshTokens()", () => {
  test("RFC 6749 6: asks without a scope, which means the same scopes", async () => {
    await refreshTokens(provider(), "rt-1");
    expect(seen[0]?.form).toEqual({
      grant_type: "refresh_token",
      refresh_token: "rt-1",
      client_id: "tenant",
      client_secret: "the secret",
    });
  });
});

// parity: options that are missing | (inferred)
suite("readProvider()", () => {
  test("names every option that is missing or unreadable", () => {
    const row = connection({ client_id: undefined, tokenURL: "nowhere" });
    expect(() => readProvider(row)).toThrow(ProviderError);
    expect(() => readProvider(row)).toThrow(
      '"desk" has no usable options.client_id, options.tokenURL',
    );
  });

  test("speaks to custom oauth2 connections and the built-in providers that it knows", () => {
    expect(() => readProvider({ ...connection(), strategy: "dropbox" })).toThrow("dropbox");
  });

  test.each([
    ["text with spaces", "a b  c"],
    ["text with commas", "a,b, c"],
    ["a list", ["a", "b", "c", "a"]],
  ])("takes scopes as %s", (_name, scope) => {
    expect(provider({ scope }).scopes).toEqual(["a", "b", "c"]);
  });
});
