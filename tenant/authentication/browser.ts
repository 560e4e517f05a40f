/** @module The browser's two cookies: who it is, and which session it has. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { SessionRow } from "../models/session.ts";
import { tenantSettings } from "./tenant-settings.ts";

/** Cookies don't know ports: the tenant's id keeps two tenants on localhost apart. */
function cookieName(tenant: TenantContext, purpose: "session" | "browser"): string {
  return `auth0_${tenant.settings.tenantId}_${purpose}`;
}

const attributes = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

/** Seconds; a transaction is over long before. */
const browserSeconds = 86_400;

/**
 * The hash of the browser's secret, which ties transactions to the browser that began them. A browser
 * that has none gets one.
 */
export function bindBrowser(tenant: TenantContext, context: Context): string {
  const known = browserHash(tenant, context);
  if (known !== undefined) return known;
  const secret = tenant.ids.newText(43);
  const options = { ...attributes, maxAge: browserSeconds };
  setCookie(context, cookieName(tenant, "browser"), secret, options);
  return sha256(secret);
}

/** Undefined when the browser has no cookie of this tenant. */
export function browserHash(tenant: TenantContext, context: Context): string | undefined {
  const secret = getCookie(context, cookieName(tenant, "browser"));
  return secret === undefined || secret === "" ? undefined : sha256(secret);
}

/** The session that the browser's cookie opens, its idle time begun anew. */
export function currentSession(tenant: TenantContext, context: Context): SessionRow | undefined {
  const [id = "", secret = ""] = (getCookie(context, cookieName(tenant, "session")) ?? "").split(
    ".",
  );
  const session = tenant.store.sessions.get(id);
  if (session === undefined || session.secret_hash !== sha256(secret)) return undefined;
  keepSession(tenant, session);
  return session;
}

/** Begins a session after a real authentication; the one before it in this browser ends. */
export function startSession(
  tenant: TenantContext,
  context: Context,
  login: { userId: string; connection: string },
): SessionRow {
  const before = currentSession(tenant, context);
  if (before !== undefined) tenant.store.sessions.delete(before.id);
  const secret = tenant.ids.newText(43);
  const now = tenant.now();
  const session: SessionRow = {
    id: tenant.ids.newText(32),
    secret_hash: sha256(secret),
    user_id: login.userId,
    connection: login.connection,
    auth_time: now,
    created_at: now,
    client_ids: [],
  };
  keepSession(tenant, session);
  const maxAge = tenantSettings(tenant).sessionSeconds;
  // Browsers keep no cookie longer than 400 days, and hono refuses to write one.
  const options = { ...attributes, maxAge: Math.min(maxAge, 400 * 86_400) };
  setCookie(context, cookieName(tenant, "session"), `${session.id}.${secret}`, options);
  return session;
}

/** Notes that a client got tokens in the session. */
export function joinSession(tenant: TenantContext, session: SessionRow, clientId: string): void {
  if (session.client_ids?.includes(clientId)) return;
  keepSession(tenant, { ...session, client_ids: [...(session.client_ids ?? []), clientId] });
}

export function endSession(tenant: TenantContext, context: Context): SessionRow | undefined {
  const session = currentSession(tenant, context);
  if (session !== undefined) tenant.store.sessions.delete(session.id);
  setCookie(context, cookieName(tenant, "session"), "", { ...attributes, maxAge: 0 });
  return session;
}

/** Writes a session, with its end by the tenant's settings. */
export function keepSession(tenant: TenantContext, session: SessionRow): void {
  const { sessionSeconds, idleSessionSeconds } = tenantSettings(tenant);
  const begun = session.created_at ?? session.auth_time;
  const end = Math.min(begun + sessionSeconds, tenant.now() + idleSessionSeconds);
  tenant.store.sessions.put(session.id, session, end);
}
