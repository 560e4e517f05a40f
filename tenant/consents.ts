/** @module What users have allowed applications: one row for user, application and API. */

import type { TenantContext } from "./context.ts";
import { sha256 } from "./identifiers.ts";
import type { Store } from "./store.ts";

/** One user's word to one application about one API. */
export interface Consent {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** The API's identifier; of /userinfo where no API was asked for. */
  readonly audience: string;
  /** Space-separated. */
  readonly scope: string;
}

const prefix = "consent:";

/** The scopes that were allowed, space-separated; empty where nothing was. */
export function readConsent(
  tenant: TenantContext,
  clientId: string,
  audience: string | undefined,
  userId: string,
): string {
  const scope = tenant.store.settings.get(key(userId, clientId, audience))?.["scope"];
  return typeof scope === "string" ? scope : "";
}

export function writeConsent(
  tenant: TenantContext,
  clientId: string,
  audience: string | undefined,
  userId: string,
  scope: string,
): void {
  const id = key(userId, clientId, audience);
  const row = {
    consent: id,
    user_id: userId,
    client_id: clientId,
    audience: audience ?? "",
    scope,
  };
  tenant.store.settings.put(id, row);
}

/** All of the tenant. */
export function consents(tenant: TenantContext): Consent[] {
  return tenant.store.settings.all().flatMap((row) => {
    const { consent, user_id: userId, client_id: clientId, audience, scope } = row;
    if (typeof consent !== "string") return [];
    return [
      {
        id: `cgr_${sha256(consent).slice(0, 20)}`,
        userId: String(userId),
        clientId: String(clientId),
        audience: String(audience || `${tenant.settings.issuer}userinfo`),
        scope: String(scope),
      },
    ];
  });
}

/** The word is taken back, and with it the refresh tokens that it gave. */
export function deleteConsent(tenant: TenantContext, consent: Consent): void {
  const { userId, clientId } = consent;
  const own = consent.audience === `${tenant.settings.issuer}userinfo`;
  const audience = own ? undefined : consent.audience;
  tenant.store.settings.delete(key(userId, clientId, audience));
  for (const token of tenant.store.refreshTokens.find("user_id", userId)) {
    if (token.client_id === clientId && token.audience === audience) {
      tenant.store.refreshTokens.delete(token.id);
    }
  }
}

/** Forgets what was said by a user, to a client or about an API that goes. */
export function forgetConsents(
  store: Store,
  about: "user_id" | "client_id" | "audience",
  gone: string,
): void {
  for (const { consent } of store.settings.find(about, gone)) {
    // Other facts of the tenant may name it too.
    if (typeof consent === "string") store.settings.delete(consent);
  }
}

function key(userId: string, clientId: string, audience: string | undefined): string {
  return `${prefix}${JSON.stringify([userId, clientId, audience ?? ""])}`;
}
