/** @module Gives a tenant the content of a seed, exported or written by a person. */
import type { TenantContext } from "../context.ts";
import { writeManagementClient } from "../management-client-file.ts";
import { ownerClient } from "../owner/require-owner.ts";
import { importSeed } from "./import-seed.ts";
import { readSeed } from "./seed-format.ts";
import { compiledSeed } from "./written-seed.ts";

/**
 * Replaces what the tenant holds; nothing changes when something in the seed is wrong.
 *
 * @param value The parsed JSON.
 * @throws {SeedError} All that is wrong with it.
 */
export async function applySeed(tenant: TenantContext, value: unknown): Promise<void> {
  const seed = readSeed(value);
  importSeed(tenant, "format" in seed ? seed : await compiledSeed(tenant, seed));
  const { dir, domain } = tenant.settings;
  writeManagementClient(dir, domain, ownerClient(tenant));
}
