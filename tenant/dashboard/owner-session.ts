/** @module The dashboard's login: a link that is good once, and the session that it opens. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";

/** A browser that the owner let in. */
export interface OwnerSession {
  /** Hidden field of every form of the dashboard. */
  readonly formToken: string;
}

/** Seconds in which a link has to be opened. */
export const linkSeconds = 300;

/** Seconds of a session: a working day. */
const sessionSeconds = 12 * 3_600;

const attributes = { path: "/dashboard", secure: true, httpOnly: true, sameSite: "Lax" } as const;

/**
 * Makes a link that opens the dashboard in one browser, once, within five minutes. Only its hash is
 * kept.
 */
export function newDashboardLink(tenant: TenantContext): string {
  sweep(tenant);
  const secret = tenant.ids.newText(43);
  tenant.store.settings.put(linkId(secret), { ends: realNow() + linkSeconds });
  return `${tenant.settings.issuer}dashboard/enter?link=${secret}`;
}

/** Uses the link up and lets the browser in. False for a link that is unknown, used or over. */
export function enter(tenant: TenantContext, context: Context, link: string): boolean {
  const kept = tenant.store.settings.take(linkId(link));
  if (kept === undefined || !alive(kept)) return false;
  const secret = tenant.ids.newText(43);
  tenant.store.settings.put(sessionId(secret), {
    ends: realNow() + sessionSeconds,
    form_token: tenant.ids.newText(32),
  });
  setCookie(context, cookieName(tenant), secret, { ...attributes, maxAge: sessionSeconds });
  return true;
}

/** Undefined in a browser that was not let in. */
export function ownerSession(tenant: TenantContext, context: Context): OwnerSession | undefined {
  const kept = tenant.store.settings.get(sessionId(cookie(tenant, context)));
  if (kept === undefined || !alive(kept)) return undefined;
  return { formToken: String(kept["form_token"]) };
}

export function signOut(tenant: TenantContext, context: Context): void {
  tenant.store.settings.delete(sessionId(cookie(tenant, context)));
  setCookie(context, cookieName(tenant), "", { ...attributes, maxAge: 0 });
}

/** Whether a row of the settings is one of these: it belongs to a browser, and to no seed. */
function isOwnerRow(id: string): boolean {
  return id.startsWith("dashboard-");
}

/** Cookies don't know ports: the tenant's id keeps two tenants on localhost apart. */
function cookieName(tenant: TenantContext): string {
  return `auth0_${tenant.settings.tenantId}_dashboard`;
}

function cookie(tenant: TenantContext, context: Context): string {
  return getCookie(context, cookieName(tenant)) ?? "";
}

const linkId = (secret: string) => `dashboard-link:${sha256(secret)}`;
const sessionId = (secret: string) => `dashboard-session:${sha256(secret)}`;

/** Real time, whatever clock the tenant runs on: a moved clock must not lock its owner out. */
function realNow(): number {
  return Math.floor(Date.now() / 1000);
}

function alive(row: Record<string, unknown>): boolean {
  return Number(row["ends"]) > realNow();
}

function sweep(tenant: TenantContext): void {
  for (const [id, row] of tenant.store.settings.entries()) {
    if (isOwnerRow(id) && !alive(row)) tenant.store.settings.delete(id);
  }
}
