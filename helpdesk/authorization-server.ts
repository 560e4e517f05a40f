/** @module The OAuth server: oidc-provider with the helpdesk's client, scopes, claims and lifetimes. */
import { createHash } from "node:crypto";
import type { EventEmitter } from "node:events";
import {
  type AdapterFactory,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from "oidc-provider";
import type { Accounts } from "./accounts.ts";
import { errorPage, pageHeaders } from "./pages.ts";
import { knownScopes, scopeNames, unknownScopes } from "./scopes.ts";
import type { SigningKey } from "./signing-key.ts";

export interface AuthorizationServerOptions {
  /** The origin of every URL it gives out. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  readonly sessionSecret: string;
  readonly signingKey: SigningKey;
  readonly accounts: Accounts;
  readonly store: AdapterFactory;
  readonly accessTokenTtlSeconds: number;
  /** Told of an error that is ours, not the client's. */
  readonly onServerError: (error: Error) => void;
}

/** The paths that oidc-provider answers, and no other. */
export const oauthPaths = [
  "/authorize",
  "/token",
  "/userinfo",
  "/revoke",
  "/jwks",
  "/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server",
] as const;

const day = 24 * 60 * 60;

/** A connected account must outlive holidays and quarter ends: nothing renews it but its owner. */
const connectionTtlSeconds = 365 * day;

/**
 * Makes the OAuth server of one issuer. Servers of several issuers can share a store: what one
 * issued, the others accept.
 */
export function authorizationServer(options: AuthorizationServerOptions): Provider {
  const provider = new Provider(options.issuer, configuration(options));
  // The door has already put the address it trusts into Host and X-Forwarded-Proto.
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.status === 404 && ctx.body === undefined) refuseMethod(ctx);
  });
  provider.on("server_error", (_ctx, error) => options.onServerError(error));
  // Without a listener Koa writes to stderr by itself, also what only the client did wrong.
  const koa: EventEmitter = provider;
  koa.on("error", (error: Error & { expose?: boolean }) => {
    if (error.expose !== true) options.onServerError(error);
  });
  return provider;
}

/** Its router knows methods only: on a path that it has, an unknown one is not "not found". */
function refuseMethod(ctx: { status: number; body: unknown; method: string; path: string }): void {
  ctx.status = 405;
  const description = `${ctx.method} is not supported on ${ctx.path}`;
  ctx.body = { error: "invalid_request", error_description: description };
}

function configuration(options: AuthorizationServerOptions): Configuration {
  return {
    adapter: options.store,
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        client_name: "Auth0",
        redirect_uris: [...options.redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        // The server takes the secret from the body or from a Basic header, whichever is registered.
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
      },
    ],
    clientAuthMethods: ["client_secret_post", "client_secret_basic"],
    responseTypes: ["code"],
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    // Auth0 sends a code_challenge where the connection has pkce_enabled, and none otherwise.
    pkce: { required: () => false },
    jwks: { keys: [options.signingKey] },
    cookies: {
      // Cookies ignore ports: on one machine several helpdesks and a tenant share a host.
      names: cookieNames(options.issuer),
      keys: [options.sessionSecret],
      long: { httpOnly: true, sameSite: "lax", path: "/" },
      short: { httpOnly: true, sameSite: "lax" },
    },
    routes: {
      authorization: "/authorize",
      token: "/token",
      userinfo: "/userinfo",
      revocation: "/revoke",
      jwks: "/jwks",
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // A token bound to a resource is refused at /userinfo, where fetchUserProfile needs it.
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => owns(client, token) },
      rpInitiatedLogout: { enabled: false },
    },
    ...grants(options),
    ...people(options),
  };
}

/** What is issued, for how long. */
function grants(options: AuthorizationServerOptions): Configuration {
  return {
    scopes: [...scopeNames],
    // By the parameter's own check, oidc-provider has already taken unknown names out of it.
    extraParams: { scope: (ctx) => refuseUnknownScopes(ctx.query["scope"]) },
    /*
     * Token Vault needs a refresh token, and a custom connection's scopes are the API's own: one is
     * issued without `offline_access` being asked. (With it nothing changes: oidc-provider drops
     * that scope in silence from a request without prompt=consent, OpenID Connect Core 11.)
     */
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    // The default ties a grant without offline_access to the browser session of its owner.
    expiresWithSession: () => false,
    /*
     * Off, since Auth0 keeps one refresh token for each connected account and may use it from
     * several places at once: with rotation the second use would look like theft and revoke both.
     * RFC 9700 2.2.2 asks for rotation or sender-constraining of public clients only.
     */
    rotateRefreshToken: false,
    clockTolerance: 0,
    ttl: {
      AccessToken: options.accessTokenTtlSeconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: 600,
      Session: 14 * day,
      RefreshToken: connectionTtlSeconds,
      Grant: connectionTtlSeconds,
    },
  };
}

/** Who signs in, what is said about them, and what they see. */
function people({ accounts }: AuthorizationServerOptions): Configuration {
  return {
    claims: {
      openid: ["sub", "user_id"],
      // An account is known by its e-mail here: a client that may see the profile sees it too.
      profile: ["name", "email", "email_verified"],
      email: ["email", "email_verified"],
    },
    findAccount: (_ctx, id) => {
      const user = accounts.find(id);
      if (user === undefined) return undefined;
      return {
        accountId: user.id,
        claims: () => ({
          sub: user.id,
          user_id: user.id,
          email: user.email,
          email_verified: true,
          name: user.name,
        }),
      };
    },
    interactions: {
      policy: loginThenConsent(),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    renderError: (ctx, out, error) => showError(ctx, out, error),
  };
}

/**
 * Sign-in, then consent at every request, also where the browser's session has allowed the same
 * before: who connects an account must see which one. `prompt=none` is answered from the session.
 */
function loginThenConsent(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy
    .get("consent")
    ?.checks.add(
      new interactionPolicy.Check(
        "consent_each_time",
        "the person has not seen this request yet",
        "consent_required",
        ({ oidc }) => oidc.result?.consent === undefined && !oidc.prompts.has("none"),
      ),
    );
  return policy;
}

/** RFC 6749 3.3 lets a server ignore or refuse; ignored, a typing error shows up as a 403 much later. */
function refuseUnknownScopes(scope: unknown): void {
  const unknown = unknownScopes(typeof scope === "string" ? scope : "");
  const [problem, names] =
    unknown.length > 0 ? ["unknown scope", unknown.join(" ")] : ["scope is missing", ""];
  if (unknown.length === 0 && knownScopes(String(scope)).length > 0) return;
  throw new errors.InvalidScope(`${problem}: the helpdesk has ${scopeNames.join(" ")}`, names);
}

function owns(client: { clientId: string }, token: { clientId?: string | undefined }): boolean {
  return token.clientId === client.clientId;
}

function cookieNames(issuer: string): { session: string; interaction: string; resume: string } {
  const id = createHash("sha256").update(issuer).digest("hex").slice(0, 8);
  return {
    session: `helpdesk_${id}_session`,
    interaction: `helpdesk_${id}_interaction`,
    resume: `helpdesk_${id}_resume`,
  };
}

function showError(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
  error: Error,
): void {
  ctx.set(pageHeaders);
  ctx.type = "html";
  const expired = error instanceof errors.SessionNotFound;
  ctx.body = String(
    errorPage(
      expired ? "This sign-in has expired" : "The request can't be completed",
      expired ? "Go back to the application that sent you here and start again." : out,
    ),
  );
}
