/** @module The tenant's operations, one list for each published API: what it has, and what it says it has not. */
import type { TenantContext } from "../../tenant/context.ts";
import { managementEndpoints } from "../../tenant/management/app.ts";
import { unavailableAuthentication } from "../../tenant/unavailable/authentication.ts";
import { unavailableManagement } from "../../tenant/unavailable/management.ts";
import { unavailableMyAccount } from "../../tenant/unavailable/my-account.ts";
import { operationNames } from "../../tenant/unavailable/operation.ts";
import type { SpecName } from "./spec/spec-documents.ts";

/** One API's operations, each `METHOD /path/{parameter}` below the API's base. */
export interface Operations {
  readonly name: SpecName;
  /** What the operations' paths are below. */
  readonly base: string;
  readonly available: readonly string[];
  readonly unavailable: readonly string[];
}

const authentication = [
  ...["GET /authorize", "POST /oauth/token", "POST /oauth/revoke", "GET /userinfo"],
  ...["GET /v2/logout", "GET /oidc/logout", "POST /dbconnections/signup"],
  "POST /dbconnections/change_password",
];

const myAccount = [
  ...["POST /connected-accounts/connect", "POST /connected-accounts/complete"],
  ...["GET /connected-accounts/accounts", "GET /connected-accounts/connections"],
  "DELETE /connected-accounts/accounts/{id}",
];

export function operations(tenant: TenantContext): Operations[] {
  const management = managementEndpoints(tenant).map(({ method, path }) => `${method} ${path}`);
  const lists: [SpecName, string, string[], string][] = [
    ["management", "/api/v2", management, unavailableManagement],
    ["authentication", "", authentication, unavailableAuthentication],
    ["my-account", "/me/v1", myAccount, unavailableMyAccount],
  ];
  return lists.map(([name, base, available, lines]) => ({
    name,
    base,
    available,
    unavailable: operationNames(lines),
  }));
}
