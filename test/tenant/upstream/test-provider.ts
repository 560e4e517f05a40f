/** @module A real OAuth provider for the tenant to call: oidc-provider on a loopback port. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration } from "oidc-provider";

export interface TestProviderOptions {
  /** Whether a refresh gives a new refresh token and ends the old one; default false. */
  readonly rotates?: boolean;
  /** Seconds; default 3600. */
  readonly accessTokenSeconds?: number;
  /** Default true. */
  readonly givesRefreshTokens?: boolean;
}

export interface TestProvider {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Options of a connection to this provider, fetchUserProfile included. */
  connectionOptions(): Record<string, unknown>;
  /** Requests to the token endpoint so far, by grant type. */
  readonly tokenRequests: { grantType: string; headers: Record<string, unknown> }[];
  /** Requests to the authorization endpoint, as the browser sent them. */
  readonly authorizeRequests: URLSearchParams[];
  /** Milliseconds that the token endpoint waits before it answers. */
  slowDownMs: number;
  /** Keeps the next token request without an answer: `asked` when it has come, until `release`. */
  holdNextToken(): { asked: Promise<void>; release(): void };
  /** Ends every grant, as a user does who revokes the app. */
  revokeEverything(): void;
  close(): Promise<void>;
}

const clientId = "tenant-at-provider";
const clientSecret = "provider-secret-of-at-least-32-characters";

/** @param redirectUris The tenant's /login/callback first. */
export async function startTestProvider(
  redirectUris: string[],
  options: TestProviderOptions = {},
): Promise<TestProvider> {
  const server = createServer();
  const url = await listen(server);
  const provider = new Provider(url, configuration(redirectUris, options));
  const tokenRequests: TestProvider["tokenRequests"] = [];
  const authorizeRequests: URLSearchParams[] = [];
  let revoked = false;
  const state = { slowDownMs: 0 };
  let hold: { asked: PromiseWithResolvers<void>; released: PromiseWithResolvers<void> } | undefined;
  provider.use(async (context, next) => {
    if (context.path === "/auth" && context.method === "GET") {
      authorizeRequests.push(new URLSearchParams(context.querystring));
    }
    if (context.path !== "/token") return next();
    if (revoked) {
      context.status = 400;
      context.body = { error: "invalid_grant", error_description: "grant request is invalid" };
      return;
    }
    const held = hold;
    hold = undefined;
    held?.asked.resolve();
    await held?.released.promise;
    await new Promise((resolve) => setTimeout(resolve, state.slowDownMs));
    await next();
    const grantType = String(context["oidc"]?.params?.["grant_type"]);
    tokenRequests.push({ grantType, headers: { ...context.headers } });
  });
  server.on("request", provider.callback());
  return {
    url,
    tokenRequests,
    authorizeRequests,
    connectionOptions: () => connectionOptions(url),
    get slowDownMs() {
      return state.slowDownMs;
    },
    set slowDownMs(ms) {
      state.slowDownMs = ms;
    },
    holdNextToken() {
      const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      hold = { asked, released };
      return { asked: asked.promise, release: released.resolve };
    },
    revokeEverything() {
      revoked = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function connectionOptions(url: string): Record<string, unknown> {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    authorizationURL: `${url}/auth`,
    tokenURL: `${url}/token`,
    scope: "openid profile email read:tickets write:tickets",
    scripts: {
      fetchUserProfile: `function fetchUserProfile(accessToken, ctx, cb) {
        request.get(
          { url: '${url}/me', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
          function (err, _res, body) {
            if (err) return cb(err);
            cb(null, { user_id: body.user_id, email: body.email, name: body.name });
          }
        );
      }`,
    },
  };
}

function configuration(redirectUris: string[], options: TestProviderOptions): Configuration {
  const { rotates = false, accessTokenSeconds = 3600, givesRefreshTokens = true } = options;
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "offline_access", "profile", "email", "read:tickets", "write:tickets"],
    claims: { openid: ["sub", "user_id"], profile: ["name"], email: ["email"] },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        user_id: `desk-${id}`,
        name: `${id.charAt(0).toUpperCase()}${id.slice(1)} Example`,
        email: `${id}@acme.test`,
      }),
    }),
    issueRefreshToken: async () => givesRefreshTokens,
    rotateRefreshToken: rotates,
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    pkce: { required: () => false },
    cookies: { keys: ["a key for tests only"] },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
