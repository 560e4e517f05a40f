/** @module The connections that a stack joins and does not own. */
import { getConnection } from "@pulumi/auth0/getConnection.js";
import * as pulumi from "@pulumi/pulumi";
import { lookUp } from "./tenant-lookup.ts";
import type { SharedConnection } from "./token-vault-client.ts";

/**
 * Looks existing connections up by name: what a client's `sharedConnections` takes. Changes nothing.
 *
 * @throws {pulumi.RunError} Every name that the tenant does not have, at once.
 */
export async function findConnections(names: readonly string[]): Promise<SharedConnection[]> {
  const found = await Promise.all(names.map(find));
  const missing = names.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return found.filter((each) => each !== undefined);
  throw new pulumi.RunError(
    `the tenant has no connection named ${missing.map((name) => `"${name}"`).join(", ")}; ` +
      "create it in the tenant, or take it out of loginConnections",
  );
}

async function find(name: string): Promise<SharedConnection | undefined> {
  const found = await lookUp(() => getConnection({ name }));
  return found && { name: name.toLowerCase(), connectionId: found.connectionId ?? found.id };
}
