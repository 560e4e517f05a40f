/** @module The helpdesk's settings: one schema, read from the environment or given by a caller. */
import { z } from "zod";

/** What a caller gives; only `redirectUris` has no default. */
export type HelpdeskOptions = z.input<typeof settingsSchema>;

/** Checked settings, defaults filled in. */
export type HelpdeskSettings = z.output<typeof settingsSchema>;

const secret = z
  .string()
  .min(16, "must have at least 16 characters")
  .max(1024, "must have at most 1024 characters")
  .optional();

const webUrl = (value: string) => {
  const url = URL.parse(value);
  return (url?.protocol === "https:" || url?.protocol === "http:") && url.hash === "";
};

const settingsSchema = z.strictObject({
  /** TCP port; 0 takes a free one. */
  port: z.int("must be a whole number").min(0).max(65_535).default(3001),
  /** Address to listen on; a container sets 0.0.0.0. */
  host: z.string().min(1).default("localhost"),
  /** Where the browser finds the helpdesk: the OAuth issuer. Default `http://localhost:PORT`. */
  publicUrl: z
    .string()
    .refine((value) => {
      const url = URL.parse(value);
      return webUrl(value) && url?.pathname === "/" && url.search === "";
    }, "must be an http or https origin without a path")
    .transform((value) => new URL(value).origin)
    .optional(),
  /** Hosts, exact or `*.example.com`, whose own address becomes the issuer of their requests. */
  trustedHosts: z
    .array(
      z
        .string()
        .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/i, "must be a host or *.host, no scheme"),
    )
    .default([]),
  clientId: z.string().min(1).max(128).default("auth0-custom-oauth2"),
  /** The tenant's secret here; generated where none is given. */
  clientSecret: secret,
  /** Compared as whole strings with the redirect_uri of a request. */
  redirectUris: z
    .array(z.string().refine(webUrl, "must be an http or https URL without a fragment"))
    .min(1, "must name the tenant's callback, https://TENANT/login/callback"),
  /** Signs cookies and forms; generated where none is given. */
  sessionSecret: secret,
  /** Keys the hashes of stored tokens and the signing key of ID tokens; generated where none is given. */
  tokenSecret: secret,
  /** SQLite file; in memory where none is given. */
  database: z.string().min(1).optional(),
  /** Life of an access token. */
  accessTokenTtlSeconds: z.int().min(1).max(86_400).default(3600),
});

/** Settings are wrong: `problems` has every one, with the name the operator knows. */
export class HelpdeskSettingsError extends Error {
  readonly problems: readonly string[];
  readonly hint: string;

  constructor(problems: readonly string[], hint: string) {
    super(`the helpdesk's settings are wrong:\n${problems.map((each) => `  ${each}`).join("\n")}`);
    this.name = "HelpdeskSettingsError";
    this.problems = problems;
    this.hint = hint;
  }
}

const variables: Partial<Record<keyof HelpdeskSettings, string>> = {
  port: "PORT",
  host: "HOST",
  publicUrl: "HELPDESK_PUBLIC_URL",
  trustedHosts: "HELPDESK_TRUSTED_HOSTS",
  clientId: "OAUTH2_CLIENT_ID",
  clientSecret: "OAUTH2_CLIENT_SECRET",
  redirectUris: "OAUTH2_REDIRECT_URI",
  sessionSecret: "SESSION_SECRET",
  tokenSecret: "TOKEN_SECRET",
  database: "DATABASE",
};

/**
 * Checks what a caller gave and fills in the defaults.
 *
 * @throws {HelpdeskSettingsError} Every wrong setting at once; never a value of a secret.
 */
export function checkSettings(options: HelpdeskOptions): HelpdeskSettings {
  return parse(options, (key) => key, "Correct the options given to startHelpdesk().");
}

/**
 * Reads the settings from environment variables. An empty variable counts as not set.
 *
 * @throws {HelpdeskSettingsError} Every wrong variable at once; never a value of a secret.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): HelpdeskSettings {
  const options: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(variables)) {
    const value = environment[variable]?.trim();
    if (value === undefined || value === "") continue;
    if (key === "port") options[key] = /^\d+$/.test(value) ? Number(value) : value;
    else if (key === "trustedHosts" || key === "redirectUris") options[key] = list(value);
    else options[key] = value;
  }
  options["redirectUris"] ??= [];
  return parse(
    options,
    (key) => variables[key as keyof HelpdeskSettings] ?? key,
    "Set the variables, for example OAUTH2_REDIRECT_URI=https://TENANT/login/callback.",
  );
}

function parse(options: unknown, nameOf: (key: string) => string, hint: string): HelpdeskSettings {
  const result = settingsSchema.safeParse(options);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const [key = "settings", index] = issue.path;
    const place = typeof index === "number" ? ` (entry ${index + 1})` : "";
    return `${nameOf(String(key))}${place}: ${issue.message}`;
  });
  throw new HelpdeskSettingsError(problems, hint);
}

function list(value: string): string[] {
  return value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
