/** @module Auth0's defaults on a created connection. */
import { identifiers } from "../identifiers.ts";
import type { ConnectionOptions, ConnectionRow } from "./connection.ts";

/** What a request may say about a connection, once it is checked. */
export type ConnectionInput = {
  name: string;
  strategy: string;
  options?: ConnectionOptions | null;
} & { [field: string]: unknown };

/** The connection that Auth0 makes of this input. Options of `oauth2` get nothing added. */
export function newConnection(input: ConnectionInput): ConnectionRow {
  const defaults = input.strategy === "auth0" ? databaseOptions() : {};
  return {
    is_domain_connection: false,
    authentication: { active: true },
    connected_accounts: { active: false },
    enabled_clients: [],
    realms: [input.name],
    ...input,
    id: identifiers.newId("con_"),
    options: { ...defaults, ...(input.options ?? {}) },
  };
}

/** As recorded on a bare create; the values inside `passkey_options` are (inferred). */
function databaseOptions(): ConnectionOptions {
  return {
    mfa: { active: true, return_enroll_settings: true },
    passwordPolicy: "good",
    strategy_version: 2,
    authentication_methods: {
      password: { enabled: true, api_behavior: "required" },
      passkey: { enabled: false },
    },
    passkey_options: {
      challenge_ui: "both",
      progressive_enrollment_enabled: true,
      local_enrollment_enabled: true,
    },
    brute_force_protection: true,
  };
}
