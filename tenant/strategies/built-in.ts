/** @module The strategies that Auth0 knows by name: what their options mean, and where their provider is. */
import { z } from "zod";
import type { BuiltIn } from "./built-in-provider.ts";
import { github } from "./github.ts";
import { googleOauth2 } from "./google-oauth2.ts";

/** Providers on this machine that take the place of the real ones. */
export interface ProviderOrigins {
  /** Its paths are those of a GitHub Enterprise Server: /login/oauth/… and /api/v3/…. */
  readonly github?: string | undefined;
}

/** Undefined for a strategy that the tenant can only keep. */
export function builtIn(strategy: string, origins: ProviderOrigins = {}): BuiltIn | undefined {
  if (strategy === "github") return github(origins.github);
  return strategy === "google-oauth2" ? googleOauth2 : undefined;
}

/** Strategies that a user can sign in and connect with, beside `oauth2`. */
export const builtInStrategies: readonly string[] = ["github", "google-oauth2"];

const rootAttributes = z.enum(["on_each_login", "on_first_login", "never_on_login"]).optional();

/** Options of a built-in strategy; keys that are not named are kept as they are. */
export function builtInOptions(strategy: string): z.ZodType<Record<string, unknown>> | undefined {
  const known = builtIn(strategy);
  if (known === undefined) return undefined;
  const flags = Object.keys(known.scopes).map((flag) => [flag, z.boolean().nullish()] as const);
  const id = strategy === "github" ? z.string().min(1) : z.string();
  return z.looseObject({
    ...Object.fromEntries(flags),
    client_id: id.optional(),
    client_secret: z.string().nullish(),
    scope: z.array(z.string().max(189)).nullish(),
    freeform_scopes: z.array(z.string().max(189)).nullish(),
    set_user_root_attributes: rootAttributes,
    non_persistent_attrs: z.array(z.string().max(255)).max(96).nullish(),
  });
}

/**
 * The options as Auth0 answers them: the flags that are true become the array `scope`, in the order in
 * which they were sent (recorded with Auth0's Terraform provider, for github and google-oauth2), and after them the
 * `freeform_scopes` (inferred). Without any flag or freeform scope nothing is computed.
 */
export function completedOptions(
  strategy: string,
  options: Record<string, unknown>,
): Record<string, unknown> {
  const known = builtIn(strategy);
  if (known === undefined) return options;
  const asked = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [known.scopes[name] ?? ""] : [],
  );
  const freeform = Array.isArray(options["freeform_scopes"]) ? options["freeform_scopes"] : [];
  const scope = [...new Set([...asked, ...freeform.map(String)])].filter((each) => each !== "");
  return scope.length === 0 ? options : { ...options, scope };
}
