/** @module The JSON of a tenant's content: what an export has, and what a person writes for a test. */
import { z } from "zod";
import { rows, settingsRows } from "./row-schemas.ts";
import type { ExportedSeed, TenantSeed, WrittenSeed } from "./seed.ts";

/** Stands for the tenant's host and port in every text of a seed, so that it fits a tenant on another port. */
export const domainMark = "{domain}";

const row = z.record(z.string(), z.unknown());

const exportShape = z.strictObject({
  format: z.literal("token-vault-kit tenant"),
  version: z.literal(1),
  secrets: z.boolean(),
  management_client_id: z.string().optional(),
  clients: z.array(rows.client),
  connections: z.array(rows.connection),
  resource_servers: z.array(rows.resourceServer),
  client_grants: z.array(rows.clientGrant),
  users: z.array(rows.user),
  connected_accounts: z.array(rows.connectedAccount),
  refresh_tokens: z.array(rows.refreshToken),
  settings: settingsRows,
}) satisfies z.ZodType<ExportedSeed>;

/** A tenant whose owner's application is not there makes a new one, and nobody has its secret. */
const exportSchema = exportShape.refine(
  ({ management_client_id: owner, clients }) =>
    owner === undefined || clients.some((each) => each["client_id"] === owner),
  { path: ["management_client_id"], message: "is the client_id of none of the seed's clients" },
);

const writtenSchema = z.strictObject({
  settings: row.optional(),
  resource_servers: z.array(row).optional(),
  clients: z.array(row).optional(),
  connections: z.array(row).optional(),
  client_grants: z.array(row).optional(),
  users: z.array(row).optional(),
}) satisfies z.ZodType<WrittenSeed>;

/** The seed can't be used; `problems` has all that is wrong with it, one line each. */
export class SeedError extends Error {
  override readonly name = "SeedError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the seed can't be used: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/** @throws {SeedError} */
export function readSeed(value: unknown): TenantSeed {
  const isExport = typeof value === "object" && value !== null && "format" in value;
  const result = (isExport ? exportSchema : writtenSchema).safeParse(value);
  // As it came, and not as it was parsed: the order of its keys is the rows' own.
  if (result.success) return value as TenantSeed;
  throw new SeedError(
    result.error.issues.map(({ path, message }) => `${path.join(".") || "the seed"}: ${message}`),
  );
}

/** The same value with a text replaced in every string of it, keys included. */
export function replacedTexts<T>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(jsonText(from), jsonText(to)));
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
