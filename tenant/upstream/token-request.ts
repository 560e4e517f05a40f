/** @module The tenant at the provider's token endpoint: code and refresh grants. */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretPost,
  customFetch,
  None,
  nopkce,
  refreshTokenGrantRequest,
  validateAuthResponse,
} from "oauth4webapi";
import { z } from "zod";
import { OutboundError, outboundFetch } from "./outbound.ts";
import { type Provider, scopeList } from "./provider.ts";

/** What the provider granted; times in epoch seconds are for the caller to make. */
export interface ProviderTokens {
  readonly accessToken: string;
  /** Seconds; absent when the provider doesn't say. */
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
  /** Seconds until the refresh token ends, where the provider says so. */
  readonly refreshExpiresIn: number | undefined;
  /** What was granted; absent when the provider doesn't say: then it is what was asked for. */
  readonly scopes: readonly string[] | undefined;
  /** The whole answer, for fetchUserProfile's context. */
  readonly answer: Record<string, unknown>;
}

/** The provider refused or could not be reached. `message` is safe for an app; it holds no token. */
export class ProviderRefusal extends Error {
  override readonly name = "ProviderRefusal";
  /** The provider's OAuth error code, or `unreachable` or `unreadable`. */
  readonly error: string;
  constructor(error: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.error = error;
  }
}

const seconds = z.coerce.number().nonnegative().optional().catch(undefined);
const tokenAnswer = z.looseObject({
  access_token: z.string().min(1),
  expires_in: seconds,
  refresh_token: z.string().min(1).optional().catch(undefined),
  refresh_token_expires_in: seconds,
  refresh_expires_in: seconds,
  scope: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
});

/**
 * Exchanges the code of the provider's callback. Redirects are not followed: the client secret goes to
 * the connection's tokenURL and nowhere else.
 *
 * @throws {ProviderRefusal}
 */
export async function exchangeCode(
  provider: Provider,
  request: { code: string; redirectUri: string; codeVerifier?: string | undefined },
): Promise<ProviderTokens> {
  const { server, client, auth, options } = setUp(provider);
  const callback = validateAuthResponse(
    server,
    client,
    new URLSearchParams({ code: request.code }),
  );
  return answered(
    provider,
    authorizationCodeGrantRequest(
      server,
      client,
      auth,
      callback,
      request.redirectUri,
      request.codeVerifier ?? nopkce,
      options,
    ),
  );
}

/** Asks for a new access token with the scopes of the first grant. @throws {ProviderRefusal} */
export async function refreshTokens(
  provider: Provider,
  refreshToken: string,
): Promise<ProviderTokens> {
  const { server, client, auth, options } = setUp(provider);
  return answered(provider, refreshTokenGrantRequest(server, client, auth, refreshToken, options));
}

function setUp(provider: Provider) {
  const server: AuthorizationServer = {
    issuer: new URL(provider.tokenUrl).origin,
    token_endpoint: provider.tokenUrl,
  };
  const client: Client = { client_id: provider.clientId };
  const options = {
    [customFetch]: outboundFetch,
    // Auth0 takes http endpoints too, and a local provider has no certificate; where
    // the request may go is decided in outbound().
    [allowInsecureRequests]: true,
  };
  return { server, client, auth: clientAuth(provider), options };
}

/** What a connection's own headers must not set: they are the request's. */
const fixedHeaders = new Set(["content-type", "content-length", "host", "user-agent"]);

/** client_secret_post; a connection that has its own Authorization header keeps the secret out of the body. */
function clientAuth(provider: Provider): ClientAuth {
  const own = Object.entries(provider.customHeaders);
  const hasOwnAuth = own.some(([name]) => name.toLowerCase() === "authorization");
  const secret = hasOwnAuth ? undefined : provider.clientSecret;
  const base = secret === undefined ? None() : ClientSecretPost(secret);
  return (server, client, body, headers) => {
    headers.delete("user-agent");
    for (const [name, value] of own) {
      if (!fixedHeaders.has(name.toLowerCase())) headers.set(name, value);
    }
    return base(server, client, body, headers);
  };
}

async function answered(provider: Provider, request: Promise<Response>): Promise<ProviderTokens> {
  const response = await request.catch((cause: unknown) => {
    throw new ProviderRefusal("unreachable", unreachableText(provider, cause), { cause });
  });
  const answer = readAnswer(await response.text(), response.headers.get("content-type") ?? "");
  // GitHub's token endpoint, for one, answers errors with status 200.
  if (!response.ok || typeof answer?.["error"] === "string")
    throw refusal(provider, response, answer);
  const { data } = tokenAnswer.safeParse(answer);
  if (answer === undefined || data === undefined) {
    const text = `the token endpoint of "${provider.connection}" answered ${response.status} without an access token`;
    throw new ProviderRefusal("unreadable", text);
  }
  return {
    accessToken: data.access_token,
    expiresIn: data.expires_in,
    refreshToken: data.refresh_token,
    refreshExpiresIn: data.refresh_token_expires_in ?? data.refresh_expires_in,
    scopes: data.scope === undefined ? undefined : scopeList(data.scope),
    answer,
  };
}

/** JSON, or a form as some older providers answer; by content first, since types are often wrong. */
function readAnswer(body: string, type: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  } catch {
    if (type.includes("json") || type.includes("html") || !body.includes("=")) return undefined;
    return Object.fromEntries(new URLSearchParams(body));
  }
  return undefined;
}

function refusal(
  provider: Provider,
  response: Response,
  answer: Record<string, unknown> | undefined,
): ProviderRefusal {
  const error = answer?.["error"];
  const description = answer?.["error_description"];
  if (typeof error === "string") {
    const text = typeof description === "string" ? description : error;
    return new ProviderRefusal(error, text);
  }
  const redirected = response.status >= 300 && response.status < 400 ? "a redirect, " : "";
  const text = `the token endpoint of "${provider.connection}" answered ${redirected}${response.status}`;
  return new ProviderRefusal("unreadable", text);
}

function unreachableText(provider: Provider, cause: unknown): string {
  const inner =
    cause instanceof Error && cause.cause instanceof OutboundError ? cause.cause : cause;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return `the token endpoint of "${provider.connection}" can't be reached: ${reason}`;
}
