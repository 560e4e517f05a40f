/** @module The scopes that the Management application of a stack needs, no more: docs/real-tenant.md lists them. */

/**
 * What `up`, `preview`, `refresh` and `destroy` ask for. A test runs them with a client that has
 * exactly these, and compares them with what the tenant demanded.
 */
export const managementScopes: readonly string[] = [
  "create:clients",
  "read:clients",
  "update:clients",
  "delete:clients",
  "read:client_keys",
  "create:client_grants",
  "read:client_grants",
  "delete:client_grants",
  "create:connections",
  "read:connections",
  "update:connections",
  "delete:connections",
  "create:resource_servers",
  "read:resource_servers",
];
