/** @module Connections to Google, GitHub and Slack beside a stack's own one, from the configuration. */
import { z } from "zod";
import { BuiltInConnection, builtInNames } from "./built-in-connection.ts";
import { connectionName } from "./setting-types.ts";

/** The key `builtInConnections`. */
export const builtInSchema = z
  .array(
    z.strictObject({
      strategy: z.enum(["google-oauth2", "github", "slack"]),
      name: connectionName.optional(),
      clientId: z.string().min(1),
      scopes: z.array(z.string().min(1)).min(1),
      vaultOnly: z.boolean().default(false),
    }),
  )
  .default([]);

/** Where each provider's client secret is, in the configuration. */
const secretKeys = {
  "google-oauth2": "googleClientSecret",
  github: "githubClientSecret",
  slack: "slackClientSecret",
} as const;

/** The keys that hold them. */
export const builtInSecrets = {
  googleClientSecret: z.string().min(1).optional(),
  githubClientSecret: z.string().min(1).optional(),
  slackClientSecret: z.string().min(1).optional(),
};

/** What of the configuration they depend on. */
export interface BuiltInSettings {
  readonly builtInConnections: z.infer<typeof builtInSchema>;
  readonly googleClientSecret?: string | undefined;
  readonly githubClientSecret?: string | undefined;
  readonly slackClientSecret?: string | undefined;
  readonly namePrefix?: string | undefined;
  readonly owner?: string | undefined;
  readonly expires?: string | undefined;
}

/** What is wrong across several keys: a secret that is missing, two of one kind. */
export function builtInProblems(settings: BuiltInSettings): { key: string; reason: string }[] {
  const strategies = settings.builtInConnections.map(({ strategy }) => strategy);
  return strategies.flatMap((strategy, index) => {
    const key = secretKeys[strategy];
    return [
      ...(settings[key] === undefined
        ? [{ key, reason: `is needed for ${strategy} (\`pulumi config set --secret ${key}\`)` }]
        : []),
      ...(strategies.indexOf(strategy) === index
        ? []
        : [{ key: `builtInConnections.${index}.strategy`, reason: `${strategy} is there twice` }]),
    ];
  });
}

/** Declares them; each is named for its strategy. */
export function builtInConnections(settings: BuiltInSettings): BuiltInConnection[] {
  const { owner, expires, namePrefix = "" } = settings;
  return settings.builtInConnections.map(
    (each) =>
      new BuiltInConnection(each.strategy, {
        ...each,
        // An environment on a shared tenant has its own: a tenant has one connection of a name.
        name: `${namePrefix}${each.name ?? builtInNames[each.strategy]}`,
        clientSecret: settings[secretKeys[each.strategy]] ?? "",
        owner,
        expires,
      }),
  );
}
