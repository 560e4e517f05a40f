/** @module From a provider's callback to its tokens and the user's profile there. */
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { ProviderTransaction } from "../models/transaction.ts";
import { runScript, ScriptError } from "../sandbox/run-script.ts";
import { outboundFetch } from "../upstream/outbound.ts";
import { type Provider, ProviderError, readProvider } from "../upstream/provider.ts";
import { exchangeCode, ProviderRefusal, type ProviderTokens } from "../upstream/token-request.ts";
import { callbackUri } from "./send-to-provider.ts";

/** The user at the provider. */
export interface ProviderProfile {
  /** The profile's `user_id`, as text. */
  readonly userId: string;
  /** Everything else that the script gave. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Why nobody is signed in or connected; both parts are for the app. */
export class ProviderLoginError extends Error {
  readonly error: string;
  constructor(error: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ProviderLoginError";
    this.error = error;
  }
}

/**
 * Exchanges the code and runs the connection's fetchUserProfile script.
 *
 * @throws {ProviderLoginError} The provider's own error, or `access_denied` with the script's message.
 */
export async function providerLogin(
  tenant: TenantContext,
  connection: ConnectionRow,
  away: ProviderTransaction,
  query: Readonly<Record<string, string>>,
): Promise<{ profile: ProviderProfile; tokens: ProviderTokens }> {
  const { error, error_description: description, code } = query;
  if (error !== undefined) throw new ProviderLoginError(error, description ?? error);
  if (code === undefined) {
    throw new ProviderLoginError("access_denied", "the provider sent neither a code nor an error");
  }
  try {
    const provider = readProvider(connection, tenant.settings.providerOrigins);
    const tokens = await exchangeCode(provider, {
      code,
      redirectUri: callbackUri(tenant),
      codeVerifier: away.codeVerifier,
    });
    return { tokens, profile: await fetchProfile(tenant, provider, tokens) };
  } catch (cause) {
    if (cause instanceof ProviderRefusal || cause instanceof ProviderError) {
      throw new ProviderLoginError("access_denied", cause.message, { cause });
    }
    throw cause;
  }
}

async function fetchProfile(
  tenant: TenantContext,
  provider: Provider,
  tokens: ProviderTokens,
): Promise<ProviderProfile> {
  const { user_id: userId, ...attributes } = await profileOf(tenant, provider, tokens);
  const known = typeof userId === "string" || typeof userId === "number";
  const text = known ? String(userId) : "";
  if (text !== "") return { userId: text, attributes };
  const why =
    provider.script === undefined
      ? "the connection has no fetchUserProfile script"
      : "its script returned none";
  throw new ProviderLoginError(
    "access_denied",
    `The profile from "${provider.connection}" has no user_id: ${why}`,
  );
}

async function profileOf(
  tenant: TenantContext,
  provider: Provider,
  tokens: ProviderTokens,
): Promise<Record<string, unknown>> {
  if (provider.profile !== undefined) return knownProfile(provider, provider.profile, tokens);
  if (provider.script === undefined) return {};
  try {
    return await runScript({
      script: provider.script,
      accessToken: tokens.accessToken,
      context: tokens.answer,
      onLog: ({ level, text }) =>
        tenant.log({
          type: "sapi",
          description: `fetchUserProfile of "${provider.connection}" wrote: ${redact(text, tokens)}`,
          connection: provider.connection,
          details: { level },
        }),
    });
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new ProviderLoginError("access_denied", redact(error.message, tokens), { cause: error });
  }
}

/** Of a built-in strategy: the provider's own API says who the user is. */
async function knownProfile(
  provider: Provider,
  profile: NonNullable<Provider["profile"]>,
  tokens: ProviderTokens,
): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${tokens.accessToken}`, accept: "application/json" };
  try {
    return await profile(async (url) => {
      const response = await outboundFetch(url, { headers });
      if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
      return response.json();
    });
  } catch (cause) {
    const reason = cause instanceof Error && cause.name === "Error" ? `: ${cause.message}` : "";
    const text = `The profile could not be read from "${provider.connection}"${reason}`;
    throw new ProviderLoginError("access_denied", text, { cause });
  }
}

/** A script may print what it was given; the log and the app don't get to see it. */
function redact(text: string, tokens: ProviderTokens): string {
  const secrets = Object.values(tokens.answer).filter(
    (value): value is string => typeof value === "string" && value.length >= 12,
  );
  const hidden = secrets
    .filter((value) => value !== tokens.answer["scope"])
    .reduce((shown, secret) => shown.replaceAll(secret, "[hidden]"), text);
  return hidden.slice(0, 500);
}
