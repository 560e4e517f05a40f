/** @module A connection as the tenant reads it: the provider behind it, custom or built in. */
import { z } from "zod";
import type { ConnectionRow } from "../models/connection.ts";
import { builtIn, type ProviderOrigins } from "../strategies/built-in.ts";
import type { BuiltIn } from "../strategies/built-in-provider.ts";

/** The provider, checked. */
export interface Provider {
  /** The connection's name. */
  readonly connection: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  /** The same as the `scope` parameter: text stays as it was written, since some providers want commas. */
  readonly scopeText: string;
  readonly pkce: boolean;
  readonly upstreamParams: Readonly<Record<string, UpstreamParam>>;
  /** Authorize parameters that take their value from one of the app's own, by its name. */
  readonly authParamsMap: Readonly<Record<string, string>>;
  /** Sent to the token endpoint only. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Joins scopes with spaces instead of commas when `connection_scope` adds some. */
  readonly spacedScopes: boolean;
  /** The fetchUserProfile text. */
  readonly script: string | undefined;
  /** How a built-in strategy knows the user; it takes the script's place. */
  readonly profile?: BuiltIn["profile"];
}

/** Where a parameter of the provider's authorize request gets its value. */
interface UpstreamParam {
  /** A fixed value. */
  readonly value?: string | undefined;
  /** The name of a parameter of our own authorize request. */
  readonly alias?: string | undefined;
}

/** The connection can't be used as a provider; `message` names the option. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
}

const text = z.string().min(1);
const options = z.looseObject({
  client_id: text,
  client_secret: z.string().nullish(),
  authorizationURL: z.url(),
  tokenURL: z.url(),
  scope: z.union([z.string(), z.array(z.string())]).nullish(),
  pkce_enabled: z.boolean().nullish(),
  upstream_params: z
    .record(z.string(), z.object({ value: z.string().optional(), alias: z.string().optional() }))
    .nullish(),
  authParams: z.record(z.string(), z.string()).nullish(),
  authParamsMap: z.record(z.string(), z.string()).nullish(),
  customHeaders: z.record(z.string(), z.string()).nullish(),
  useOauthSpecScope: z.boolean().nullish(),
  scripts: z.looseObject({ fetchUserProfile: z.string().optional() }).nullish(),
});

/**
 * @param origins Where built-in providers are, other than where they really are.
 * @throws {ProviderError} An option is missing or unreadable.
 */
export function readProvider(connection: ConnectionRow, origins?: ProviderOrigins): Provider {
  const known = builtIn(connection.strategy, origins);
  if (known === undefined && connection.strategy !== "oauth2") {
    throw new ProviderError(
      `the local tenant speaks to oauth2, github and google-oauth2 connections, and "${connection.name}" is ${connection.strategy}`,
    );
  }
  const places = known && { authorizationURL: known.authorizationUrl, tokenURL: known.tokenUrl };
  const { data, error } = options.safeParse({ ...connection.options, ...places });
  if (data === undefined) {
    const names = error.issues.map((issue) => `options.${issue.path.join(".")}`).join(", ");
    throw new ProviderError(`the connection "${connection.name}" has no usable ${names}`);
  }
  const fixedParams = { ...known?.params, ...data.authParams };
  const fixed = Object.entries(fixedParams).map(([name, value]) => [name, { value }]);
  return {
    connection: connection.name,
    clientId: data.client_id,
    clientSecret: data.client_secret || undefined,
    authorizationUrl: data.authorizationURL,
    tokenUrl: data.tokenURL,
    scopes: scopeList(data.scope ?? []),
    scopeText:
      typeof data.scope === "string" ? data.scope.trim() : scopeList(data.scope ?? []).join(" "),
    pkce: data.pkce_enabled ?? false,
    upstreamParams: { ...Object.fromEntries(fixed), ...data.upstream_params },
    authParamsMap: data.authParamsMap ?? {},
    customHeaders: data.customHeaders ?? {},
    spacedScopes: data.useOauthSpecScope ?? false,
    script: known === undefined ? data.scripts?.fetchUserProfile || undefined : undefined,
    ...(known === undefined ? {} : { profile: known.profile }),
  };
}

/** Scopes without repetition, from a list or from text with spaces or commas between them. */
export function scopeList(scope: string | readonly string[]): string[] {
  const parts = typeof scope === "string" ? scope.split(/[\s,]+/) : scope;
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ""))];
}
