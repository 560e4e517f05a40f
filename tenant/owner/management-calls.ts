/** @module The owner as a client of the Management API: the dashboard and seeds keep the same rules as anybody. */
import type { TenantContext } from "../context.ts";
import { managementApp } from "../management/app.ts";
import { managementScopes } from "../management-scopes.ts";
import { ownerClientId } from "./require-owner.ts";

/** What the Management API answered to a change. */
export type ManagementResult =
  | { readonly refused?: undefined; readonly body: Record<string, unknown> }
  | { readonly refused: ManagementRefusal };

/** Its own words, and where in the request it found what it refuses. */
export interface ManagementRefusal {
  readonly message: string;
  /** Path of the property, such as `options.tokenURL`; absent when it names none. */
  readonly property?: string;
}

export type CallManagement = (
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
) => Promise<ManagementResult>;

/** Seconds that the token of one call lives. */
const tokenSeconds = 60;

/**
 * Calls the tenant's own Management API in this process, as the owner's application: same schemas, same
 * rules, same log entries. A limit on the rate is for clients and not for the owner's hand.
 */
export function managementCalls(tenant: TenantContext): CallManagement {
  const { managementLimit: _, ...settings } = tenant.settings;
  const app = managementApp({ ...tenant, settings });
  return async (method, path, body) => {
    const response = await app.request(`/api/v2${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await ownerToken(tenant)}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
    return response.ok ? { body: answer } : { refused: refusalOf(answer) };
  };
}

function ownerToken(tenant: TenantContext): Promise<string> {
  const clientId = ownerClientId(tenant) ?? "";
  const now = tenant.now();
  return tenant.keys.sign({
    iss: tenant.settings.issuer,
    sub: `${clientId}@clients`,
    azp: clientId,
    aud: `${tenant.settings.issuer}api/v2/`,
    iat: now,
    exp: now + tokenSeconds,
    scope: managementScopes()
      .map(({ value }) => value)
      .join(" "),
    gty: "client-credentials",
  });
}

/** `… on property options.tokenURL (…).`, and `Missing required property: name` one level up. */
function refusalOf(answer: Record<string, unknown>): ManagementRefusal {
  const message = String(answer["message"] ?? "The tenant refused, and did not say why.");
  const [, on] = /' on property ([\w.[\]]+?)\.$/.exec(message) ?? [];
  const [, missing] = /Missing required property: (\w+)/.exec(message) ?? [];
  const path = [on, missing].filter((part) => part !== undefined).join(".");
  if (path !== "") return { message, property: path };
  return /same name already exists/.test(message) ? { message, property: "name" } : { message };
}
