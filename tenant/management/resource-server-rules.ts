/** @module Rules about an API that span several of its fields, and what system APIs refuse. */
import type { ResourceServerRow } from "../models/resource-server.ts";
import { invalidBody, invalidPayload } from "./management-error.ts";
import type { ResourceServerUpdate } from "./resource-server-schema.ts";

/** Keys of a system API that an owner may change, whichever system API it is. */
const changeable = new Set([
  "token_lifetime",
  "token_lifetime_for_web",
  "skip_consent_for_verifiable_first_party_clients",
  "proof_of_possession",
]);

/** @throws {ManagementError} 400 invalid_body; the texts are (inferred). */
export function checkResourceServer(api: ResourceServerRow): void {
  if (api.token_lifetime_for_web > api.token_lifetime) {
    throw invalidBody("token_lifetime_for_web must not exceed token_lifetime");
  }
  const values = api.scopes?.map(({ value }) => value) ?? [];
  const second = values.findIndex((value, index) => values.indexOf(value) !== index);
  if (second === -1) return;
  const first = values.indexOf(values[second] ?? "");
  throw invalidPayload(`Array items are not unique (indexes ${first} and ${second})`, "scopes");
}

/**
 * Refuses changes that a system API does not take; saying again what is so already is no change.
 *
 * That most changes are refused is in the OpenAPI document; which are taken follows what the
 * official provider sends to them.
 */
export function checkSystemUpdate(api: ResourceServerRow, body: ResourceServerUpdate): void {
  if (api.is_system !== true) return;
  const refused = Object.entries(body).find(
    ([key, value]) => !changeable.has(key) && !isSame(key, value, api),
  );
  if (!refused) return;
  throw invalidBody(`System resource servers cannot be patched: ${refused[0]}`);
}

function isSame(key: string, value: unknown, api: ResourceServerRow): boolean {
  if (key === "scopes") return scopeValues(value) === scopeValues(api.scopes);
  if (key === "subject_type_authorization") {
    const { client } = value as { client?: { policy: string } };
    return !client || client.policy === api.subject_type_authorization.client.policy;
  }
  return value === null || JSON.stringify(value) === JSON.stringify(api[key]);
}

/** Order and descriptions are not what a scope is. */
function scopeValues(scopes: unknown): string {
  const list = Array.isArray(scopes) ? scopes : [];
  return JSON.stringify(list.map(({ value }) => value).sort());
}
