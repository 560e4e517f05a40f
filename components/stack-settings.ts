/** @module The stack's configuration: one schema gives the types, the checks and the defaults. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { helpdeskProblems, helpdeskSchema, helpdeskSecretSchema } from "./helpdesk-settings.ts";
import { serviceProblems, serviceSchema } from "./service-settings.ts";
import { connectionName, isLoopback, scopeList } from "./setting-types.ts";
import { builtInProblems, builtInSchema, builtInSecrets } from "./stack-connections.ts";
import { tunnelSchema, tunnelTokenSchema } from "./tunnel-settings.ts";

/** Where the value of one configuration key comes from: Pulumi's config, or a plain object in a test. */
export interface SettingsSource {
  /** Every key of the project's namespace that is set, without the namespace; values as Pulumi keeps them (text or JSON text). */
  readonly values: Readonly<Record<string, string>>;
  /** Host of the tenant, with a port if it has one: `auth0:domain`, else AUTH0_DOMAIN. */
  readonly domain: string | undefined;
}

/** One thing that is wrong with the configuration: never holds a secret's value. */
export interface SettingsProblem {
  readonly key: string;
  readonly reason: string;
}

/** Auth0's limit for a connection's name. */
const maxConnectionName = 128;

const schema = z.strictObject({
  tenant: z.enum(["local", "cloud"]).default("cloud"),
  connectionName: connectionName.default("acme-helpdesk"),
  displayName: z.string().min(1).max(128).optional(),
  scopes: scopeList.default(["openid", "profile", "read:tickets", "write:tickets"]),
  script: z.string().min(1).optional(),
  vaultOnly: z.boolean().default(false),
  clientName: z
    .string()
    .min(1)
    .regex(/^[^<>]+$/, "may not hold < or >")
    .default("Token Vault agent"),
  loginConnections: z.array(z.string().min(1)).default(["Username-Password-Authentication"]),
  owner: z.string().min(1).max(64).optional(),
  expires: z.iso
    .datetime({
      offset: true,
      error: 'is no time like "2027-01-31T18:00:00Z" (ISO 8601; YAML wants the quotes)',
    })
    .optional(),
  namePrefix: z
    .string()
    .max(64, "has more than 64 characters")
    .regex(
      /^[a-zA-Z0-9](-?[a-zA-Z0-9])*-$/,
      "is letters, digits and single dashes, and ends with a dash, like pr-42-",
    )
    .optional(),
  helpdesk: helpdeskSchema,
  helpdeskClientSecret: helpdeskSecretSchema,
  tunnel: tunnelSchema,
  tunnelToken: tunnelTokenSchema,
  service: serviceSchema,
  adopted: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  // Not held to a length: another service made it, and may have made it short.
  serviceClientSecret: z.string().min(1).optional(),
  builtInConnections: builtInSchema,
  ...builtInSecrets,
});

/** The checked configuration of one stack. */
export type StackSettings = z.infer<typeof schema> & { readonly domain: string };

/** Every key that the program knows, for messages and for the check of Pulumi.yaml. */
export const settingKeys: readonly string[] = Object.keys(schema.shape);

/**
 * Checks a stack's configuration. Reads nothing else and changes nothing.
 *
 * @returns The settings, or every problem at once.
 */
export function readSettings(
  source: SettingsSource,
): { settings: StackSettings } | { problems: SettingsProblem[] } {
  const parsed = schema.safeParse(plainValues(source.values));
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(toProblems);
  const domain = source.domain ?? "";
  problems.push(...domainProblems(domain, source.values["tenant"] ?? "cloud"));
  if (!parsed.success) return { problems };
  problems.push(...crossProblems(parsed.data));
  if (problems.length > 0) return { problems };
  return { settings: { ...parsed.data, ...names(parsed.data), domain } };
}

/**
 * The checked configuration of the stack that is running.
 *
 * @throws {pulumi.RunError} Every problem at once, before anything is created.
 */
export function stackSettings(): StackSettings {
  const namespace = `${pulumi.getProject()}:`;
  const all = Object.entries(pulumi.runtime.allConfig());
  const own = all
    .filter(([key]) => key.startsWith(namespace))
    .map(([key, value]) => [key.slice(namespace.length), value]);
  const result = readSettings({
    values: Object.fromEntries(own),
    // As the official provider reads it: its own configuration, else the environment.
    domain: new pulumi.Config("auth0").get("domain") ?? process.env["AUTH0_DOMAIN"],
  });
  if ("problems" in result) throw new pulumi.RunError(describeProblems(result.problems));
  return result.settings;
}

/** One text for a person: all problems, then what to do. */
export function describeProblems(problems: readonly SettingsProblem[]): string {
  const lines = problems.map(({ key, reason }) => `  ${key}: ${reason}`);
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  return [
    `the stack's configuration has ${count}; nothing was created or changed:`,
    ...lines,
    "Set a key with `pulumi config set KEY VALUE`; Pulumi.yaml describes each.",
  ].join("\n");
}

/**
 * The names on the tenant. A service has a name and scopes of its own; the defaults are the helpdesk's.
 * An environment's prefix stands before both names, so that any number of them share a tenant.
 */
function names(settings: z.infer<typeof schema>) {
  const { service, namePrefix: prefix = "", clientName, scopes } = settings;
  return {
    connectionName: `${prefix}${service?.name ?? settings.connectionName}`,
    clientName: `${prefix}${clientName}`,
    scopes: service?.scopes ?? scopes,
  };
}

/** Pulumi keeps structured values as JSON text and everything else as text: undo that per key's type. */
function plainValues(values: Readonly<Record<string, string>>): Record<string, unknown> {
  const structured = new Set([
    ...["scopes", "loginConnections", "helpdesk", "tunnel", "vaultOnly", "service", "adopted"],
    "builtInConnections",
  ]);
  return Object.fromEntries(
    Object.entries(values)
      // Pulumi.yaml must give every optional key a default; the empty text is the one that says "not set".
      .filter(([, text]) => text !== "")
      .map(([key, text]) => [key, structured.has(key) ? fromJson(text) : text]),
  );
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function toProblems(issue: z.core.$ZodIssue): SettingsProblem[] {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return [{ key: path, reason: issue.message }];
  return issue.keys.map((key) => ({
    key: path === "" ? key : `${path}.${key}`,
    reason: "is not a key of this program; Pulumi.yaml lists them",
  }));
}

/** The fail-closed guard: a stack marked local speaks to loopback only, any other never does. */
function domainProblems(domain: string, tenant: string): SettingsProblem[] {
  const key = "auth0:domain";
  if (domain === "") {
    return [{ key, reason: "is not set; set it, or AUTH0_DOMAIN, to the tenant's host" }];
  }
  if (!/^[a-z0-9.[\]:-]+$/i.test(domain) || !URL.canParse(`https://${domain}`)) {
    return [{ key, reason: `"${domain}" is not a host; write it without scheme and path` }];
  }
  const local = isLoopback(new URL(`https://${domain}`).hostname);
  if (tenant === "local" && !local) {
    return [
      { key, reason: `"${domain}" is not on this machine, and the stack's tenant is "local"` },
    ];
  }
  if (tenant !== "local" && local) {
    return [
      { key, reason: `"${domain}" is on this machine, and the stack's tenant is not "local"` },
    ];
  }
  return [];
}

/** Rules that take more than one key. */
function crossProblems(settings: z.infer<typeof schema>): SettingsProblem[] {
  const { service, script, serviceClientSecret: clientSecret } = settings;
  const problems =
    service === undefined
      ? helpdeskProblems(settings)
      : [...serviceProblems(service, { script, clientSecret }), ...besideService(settings)];
  problems.push(...builtInProblems(settings));
  if (settings.vaultOnly && settings.loginConnections.length === 0) {
    problems.push({
      key: "loginConnections",
      reason: "is empty and vaultOnly is true: nobody could sign in; name a login connection",
    });
  }
  const { length } = names(settings).connectionName;
  if (length > maxConnectionName) {
    problems.push({
      key: "namePrefix",
      reason: `makes the connection's name ${length} characters long; Auth0 takes ${maxConnectionName}`,
    });
  }
  return problems;
}

/** What would be left unused without a word where there is a service. */
function besideService({ helpdesk, tunnel }: z.infer<typeof schema>): SettingsProblem[] {
  const reason = "goes with the helpdesk; where there is a `service`, its own addresses count";
  return [
    ...(helpdesk.mode === "process" ? [] : [{ key: "helpdesk.mode", reason }]),
    ...(tunnel.kind === "none" ? [] : [{ key: "tunnel.kind", reason }]),
  ];
}
