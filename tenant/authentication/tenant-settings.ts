/** @module The tenant settings that the Authentication API obeys. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";

/** Lifetimes in seconds. */
export interface TenantSettings {
  readonly defaultAudience: string | undefined;
  readonly allowedLogoutUrls: readonly string[];
  readonly sessionSeconds: number;
  readonly idleSessionSeconds: number;
  readonly friendlyName: string;
  /** Revoking one refresh token revokes all of the user at the client and API. */
  readonly revokesWholeGrant: boolean;
  /** Whether the discovery document names the logout endpoint. */
  readonly announcesLogout: boolean;
}

const row = z.looseObject({
  default_audience: z.string().catch(""),
  allowed_logout_urls: z.array(z.string()).catch([]),
  session_lifetime: z.number().catch(168),
  idle_session_lifetime: z.number().catch(72),
  friendly_name: z.string().catch(""),
  flags: z.looseObject({ revoke_refresh_token_grant: z.boolean().catch(false) }).catch({
    revoke_refresh_token_grant: false,
  }),
  oidc_logout: z
    .looseObject({ rp_logout_end_session_endpoint_discovery: z.boolean().catch(true) })
    .catch({ rp_logout_end_session_endpoint_discovery: true }),
});

/** Where the Management API keeps what PATCH /tenants/settings wrote. */
const settingsId = "tenant-settings";

/** Auth0's defaults where nothing was set: sessions of 168 hours, 72 when idle. */
export function tenantSettings(tenant: TenantContext): TenantSettings {
  const kept = row.parse(tenant.store.settings.get(settingsId) ?? {});
  return {
    defaultAudience: kept.default_audience || undefined,
    allowedLogoutUrls: kept.allowed_logout_urls,
    sessionSeconds: kept.session_lifetime * 3600,
    idleSessionSeconds: kept.idle_session_lifetime * 3600,
    friendlyName: kept.friendly_name || tenant.settings.domain,
    revokesWholeGrant: kept.flags.revoke_refresh_token_grant,
    announcesLogout: kept.oidc_logout.rp_logout_end_session_endpoint_discovery,
  };
}
