/** @module Refresh tokens: made, found, rotated, revoked. */
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { ClientRow } from "../models/client.ts";
import type { RefreshTokenRow } from "../models/refresh-token.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";

/** Active refresh tokens of one user at one client; past that the oldest is dropped (which one: inferred). */
const maxActive = 200;

export interface RefreshTokenRequest {
  readonly client: ClientRow;
  readonly userId: string;
  readonly sessionId: string;
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
  readonly authTime: number;
  /** Of the token that this one replaces. */
  readonly familyId?: string;
  /** Epoch seconds; the end of the family, which rotation doesn't move. */
  readonly endsAt?: number | undefined;
}

/** Only the hash of the text is kept. */
export function issueRefreshToken(
  tenant: TenantContext,
  request: RefreshTokenRequest,
): { token: string; row: RefreshTokenRow } {
  const { client } = request;
  const settings = client.refresh_token;
  const now = tenant.now();
  const token = `v1.${tenant.ids.newText(64)}`;
  const id = tenant.ids.newText(24);
  const lives = settings.expiration_type === "expiring" && !settings.infinite_token_lifetime;
  const endsAt = request.endsAt ?? (lives ? now + settings.token_lifetime : undefined);
  const row: RefreshTokenRow = {
    id,
    token_hash: sha256(token),
    user_id: request.userId,
    client_id: client.client_id,
    session_id: request.sessionId,
    ...(request.audience === undefined ? {} : { audience: request.audience }),
    scope: request.scopes.join(" "),
    rotating: settings.rotation_type === "rotating",
    family_id: request.familyId ?? id,
    auth_time: request.authTime,
    created_at: now,
    last_exchanged_at: now,
    ...(endsAt === undefined ? {} : { expires_at: endsAt }),
    ...idleEnd(client, now),
  };
  tenant.store.transaction(() => {
    dropOldest(tenant, row);
    tenant.store.refreshTokens.put(row.id, row, endOf(row));
  });
  return { token, row };
}

/**
 * Finds the row of a token that this client may use now.
 *
 * @throws {OAuthRefusal} 403 invalid_grant, one text for every reason; the reason is in the log's detail.
 */
export function findRefreshToken(
  tenant: TenantContext,
  client: ClientRow,
  token: string,
): RefreshTokenRow {
  const [row] = tenant.store.refreshTokens.find("token_hash", sha256(token));
  if (row === undefined)
    throw unknownToken("no such refresh token: it was never issued, revoked, or has ended");
  if (row.client_id !== client.client_id)
    throw unknownToken("the refresh token is another client's");
  if (row.rotated_at !== undefined) allowReuse(tenant, client, row);
  return row;
}

/** Seconds within which further uses of a token are not written down. */
const useSeconds = 30;

/** Notes that a token was used: its idle time begins anew. */
export function touchRefreshToken(
  tenant: TenantContext,
  client: ClientRow,
  row: RefreshTokenRow,
): void {
  const now = tenant.now();
  const end = idleEnd(client, now);
  const endsSoon = (row.idle_expires_at ?? Number.POSITIVE_INFINITY) - now < 2 * useSeconds;
  if (now - row.last_exchanged_at < useSeconds && !endsSoon) return;
  const used = { ...row, last_exchanged_at: now, ...end };
  // Nobody is told when it was used last, so that the answer need not wait for the disk.
  tenant.store.hasty(() => tenant.store.refreshTokens.put(row.id, used, endOf(used)));
}

/**
 * Replaces a rotating token. The old row stays, marked, so that a later use of it is seen as theft.
 *
 * @returns The new token's text.
 */
export function rotateRefreshToken(
  tenant: TenantContext,
  client: ClientRow,
  row: RefreshTokenRow,
): string {
  const now = tenant.now();
  return tenant.store.transaction(() => {
    if (row.rotated_at === undefined) {
      tenant.store.refreshTokens.put(
        row.id,
        { ...row, rotated_at: now, last_exchanged_at: now },
        endOf(row),
      );
    }
    return issueRefreshToken(tenant, {
      client,
      userId: row.user_id,
      sessionId: row.session_id,
      audience: row.audience,
      scopes: row.scope.split(" ").filter(Boolean),
      authTime: row.auth_time ?? row.created_at,
      familyId: row.family_id ?? row.id,
      endsAt: row.expires_at,
    }).token;
  });
}

/** Revokes a token and everything that rotation made of the same login. */
export function revokeFamily(tenant: TenantContext, row: RefreshTokenRow): void {
  const family = row.family_id ?? row.id;
  tenant.store.transaction(() => {
    for (const each of tenant.store.refreshTokens.find("family_id", family)) {
      tenant.store.refreshTokens.delete(each.id);
    }
    tenant.store.refreshTokens.delete(row.id);
  });
}

/**
 * A token that was already replaced may be used again within the client's leeway, if it is the one just before
 * the newest; otherwise someone else has it, and the whole family ends.
 */
function allowReuse(tenant: TenantContext, client: ClientRow, row: RefreshTokenRow): void {
  const { leeway } = client.refresh_token;
  // The store keeps rows in the order of their making.
  const family = tenant.store.refreshTokens.find("family_id", row.family_id ?? row.id);
  const younger = family.slice(family.findIndex(({ id }) => id === row.id) + 1);
  const isPrevious = younger.every((other) => other.rotated_at === undefined);
  const inTime = tenant.now() - (row.rotated_at ?? 0) <= leeway && leeway > 0;
  if (isPrevious && inTime) return;
  revokeFamily(tenant, row);
  tenant.log({
    type: "ferrt",
    description: "Reused rotating refresh token detected: all tokens of this login are revoked",
    client_id: client.client_id,
    user_id: row.user_id,
  });
  throw unknownToken("the refresh token was already rotated away; its whole family is revoked");
}

function unknownToken(detail: string): OAuthRefusal {
  return new OAuthRefusal(403, "invalid_grant", "Unknown or invalid refresh token.", { detail });
}

function idleEnd(client: ClientRow, now: number): { idle_expires_at?: number } {
  const settings = client.refresh_token;
  const idles = settings.expiration_type === "expiring" && !settings.infinite_idle_token_lifetime;
  return idles ? { idle_expires_at: now + settings.idle_token_lifetime } : {};
}

/** When the row goes by itself, epoch seconds; undefined: never. */
export function endOf(row: RefreshTokenRow): number | undefined {
  const ends = [row.expires_at, row.idle_expires_at].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function dropOldest(tenant: TenantContext, next: RefreshTokenRow): void {
  const active = tenant.store.refreshTokens
    .find("user_id", next.user_id)
    .filter((row) => row.client_id === next.client_id && row.rotated_at === undefined);
  for (const row of active.slice(0, Math.max(0, active.length - maxActive + 1))) {
    tenant.store.refreshTokens.delete(row.id);
  }
}
