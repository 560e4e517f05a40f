/** @module Signs the user in: authorization code with PKCE, state and nonce, and a verified ID token. */
import * as oauth from "oauth4webapi";
import { CliError, exitCodes } from "../exit-codes.ts";
import { loadProfile, type Profile, saveProfile, updateProfile } from "../profiles/profiles.ts";
import type { Session } from "../profiles/session.ts";
import type { Visit } from "./browser.ts";
import { browserLeg } from "./browser-leg.ts";
import { signInFailure } from "./sign-in-failure.ts";

export interface RunLoginOptions {
  session: Session;
  /** Brings the user's browser to the sign-in page. */
  visit: Visit;
  /** Only this port for the callback. */
  port?: number | undefined;
  /** Goes straight to this connection's provider. */
  connection?: string | undefined;
  /** How long the user may take; default two minutes. */
  waitMs?: number | undefined;
}

/** Who has signed in, from the verified ID token. */
export interface SignedIn {
  sub: string;
  email?: string;
  name?: string;
}

const SCOPE = "openid profile email offline_access";
/** auth0-tv's, where the tenant does not say it; in seconds. */
const FALLBACK_TTL_SECONDS = 86_400;

/**
 * Signs the user in and keeps their tokens in the session's profile. Tokens of an earlier user are
 * dropped.
 *
 * @throws {CliError} `login_failed`: refused, denied, or without a refresh token. `timeout`.
 * `network_error`.
 */
export async function runLogin(options: RunLoginOptions): Promise<SignedIn> {
  try {
    return await signIn(options);
  } catch (error) {
    throw signInFailure(error, options.session.profile.domain);
  }
}

async function signIn(options: RunLoginOptions): Promise<SignedIn> {
  const { session, visit, port, waitMs } = options;
  const { profile } = session;
  const server = await discover(session);
  const client: oauth.Client = { client_id: profile.clientId, [oauth.clockTolerance]: 30 };
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const verifier = oauth.generateRandomCodeVerifier();
  const challenge = await oauth.calculatePKCECodeChallenge(verifier);
  let redirectUri = "";
  return browserLeg({
    visit,
    port,
    waitMs,
    done: "You are signed in. You can close this window.",
    begin: async (uri) => {
      redirectUri = uri;
      const url = new URL(`${server.authorization_endpoint}`);
      url.search = new URLSearchParams({
        client_id: profile.clientId,
        response_type: "code",
        redirect_uri: uri,
        scope: SCOPE,
        code_challenge: challenge,
        code_challenge_method: "S256",
        state,
        nonce,
        ...(profile.audience ? { audience: profile.audience } : {}),
        ...(options.connection ? { connection: options.connection } : {}),
      }).toString();
      return url.href;
    },
    finish: async (callback) => {
      const parameters = oauth.validateAuthResponse(server, client, callback, state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.ClientSecretPost(profile.clientSecret),
        parameters,
        redirectUri,
        verifier,
        { signal: AbortSignal.timeout(session.timeoutMs) },
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(server, response, {
        signal: AbortSignal.timeout(session.timeoutMs),
      });
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (!tokens.refresh_token || !claims) throw noRefreshToken(profile.domain);
      await keep(session, {
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        ...(tokens.id_token ? { idToken: tokens.id_token } : {}),
        expiresAt: Date.now() + (tokens.expires_in ?? FALLBACK_TTL_SECONDS) * 1000,
      });
      const { sub, email, name } = claims;
      return {
        sub,
        ...(typeof email === "string" ? { email } : {}),
        ...(typeof name === "string" ? { name } : {}),
      };
    },
  });
}

/** Reads the tenant's metadata. An endpoint elsewhere than the issuer would get the client's secret. */
async function discover({ profile, timeoutMs }: Session): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(`https://${profile.domain}`);
  const response = await oauth.discoveryRequest(issuer, { signal: AbortSignal.timeout(timeoutMs) });
  const server = await oauth.processDiscoveryResponse(issuer, response);
  for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"] as const) {
    const endpoint = server[name];
    if (endpoint === undefined || new URL(endpoint).origin !== issuer.origin) {
      throw new CliError(
        "login_failed",
        `the metadata of ${issuer.host} has its ${name} elsewhere`,
        {
          exitCode: exitCodes.general,
          hint: "Use the domain that the tenant itself names: canonical or custom, not a mix.",
        },
      );
    }
  }
  return server;
}

async function keep({ name, profile, env }: Session, auth0: NonNullable<Profile["auth0"]>) {
  if (!loadProfile(name, env)) {
    // Made by the environment: everything is kept but the secret, which the environment has.
    const { domain, clientId, audience, local } = profile;
    await saveProfile(name, { domain, clientId, local, ...(audience ? { audience } : {}) }, env);
  }
  await updateProfile(name, (kept) => Object.assign(kept, { auth0, connections: {} }), env);
}

function noRefreshToken(domain: string) {
  return new CliError("login_failed", `${domain} gave no refresh token`, {
    exitCode: exitCodes.general,
    hint: "Add the grant type refresh_token to the client, and allow offline access on the API of the audience.",
  });
}
