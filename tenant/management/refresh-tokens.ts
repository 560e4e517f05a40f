/** @module Refresh tokens of users: to be seen and revoked, never shown. */
import { z } from "zod";
import { endOf } from "../authentication/refresh-tokens.ts";
import type { TenantContext } from "../context.ts";
import type { RefreshTokenRow } from "../models/refresh-token.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent, invalidBody } from "./management-error.ts";
import { metadataOf } from "./metadata.ts";
import { checkpointPage, pageFields } from "./page.ts";

const ofUser = "/users/{user_id}/refresh-tokens";

const listQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(),
  user_id: z.string().min(1),
  client_id: z.string().optional(),
});

const revocation = z.strictObject({
  ids: z.array(z.string().min(1).max(30)).min(1).optional(),
  user_id: z.string().min(1).max(300).optional(),
  client_id: z.string().min(1).max(64).optional(),
});

export function refreshTokenEndpoints(tenant: TenantContext): Endpoint[] {
  const { refreshTokens, users } = tenant.store;
  const byId = ({ id }: RefreshTokenRow) => id;
  const requireUser = (id = "") => {
    if (!users.get(id)) throw inexistent.user();
    return id;
  };
  return [
    endpoint({
      method: "GET",
      path: ofUser,
      scopes: ["read:refresh_tokens"],
      query: z.object(pageFields()),
      answer({ params, query }) {
        const rows = refreshTokens.find("user_id", requireUser(params["user_id"]));
        return checkpointPage(rows, query, "tokens", { id: byId, now: tenant.now(), show });
      },
    }),
    endpoint({
      method: "DELETE",
      path: ofUser,
      scopes: ["delete:refresh_tokens"],
      logged: "Delete the refresh tokens of a user",
      answer({ params }) {
        const userId = requireUser(params["user_id"]);
        for (const { id } of refreshTokens.find("user_id", userId)) refreshTokens.delete(id);
        return { status: 202 };
      },
    }),
    endpoint({
      method: "GET",
      path: "/refresh-tokens",
      scopes: ["read:refresh_tokens"],
      query: listQuery,
      answer({ query }) {
        const rows = refreshTokens
          .find("user_id", requireUser(query.user_id))
          .filter((row) => query.client_id === undefined || row.client_id === query.client_id);
        return checkpointPage(rows, query, "refresh_tokens", {
          id: byId,
          now: tenant.now(),
          show: (row) => selectFields(show(row), query),
        });
      },
    }),
    endpoint({
      method: "GET",
      path: "/refresh-tokens/{id}",
      scopes: ["read:refresh_tokens"],
      answer({ params }) {
        const row = refreshTokens.get(params["id"] ?? "");
        if (!row) throw inexistent.refreshToken();
        return { status: 200, body: show(row) };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/refresh-tokens/{id}",
      scopes: ["update:refresh_tokens"],
      body: metadataOf("refresh_token_metadata"),
      logged: "Update a refresh token",
      answer({ params, body }) {
        const row = refreshTokens.get(params["id"] ?? "");
        if (!row) throw inexistent.refreshToken();
        const metadata = body["refresh_token_metadata"] ?? null;
        const next = { ...row, refresh_token_metadata: metadata };
        refreshTokens.put(row.id, next, endOf(next));
        return { status: 200, body: show(next) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/refresh-tokens/{id}",
      scopes: ["delete:refresh_tokens"],
      logged: "Delete a refresh token",
      answer({ params }) {
        refreshTokens.delete(params["id"] ?? "");
        return { status: 202 };
      },
    }),
    endpoint({
      method: "POST",
      path: "/refresh-tokens/revoke",
      scopes: ["delete:refresh_tokens"],
      body: revocation,
      logged: "Revoke refresh tokens",
      answer({ body }) {
        tenant.store.transaction(() => {
          for (const { id } of revoked(tenant, body)) refreshTokens.delete(id);
        });
        return { status: 202 };
      },
    }),
  ];
}

/** By ids, or by user, by client, or by both; ids go with nothing else (inferred). */
function revoked(tenant: TenantContext, body: z.infer<typeof revocation>): RefreshTokenRow[] {
  const { refreshTokens } = tenant.store;
  const { ids, user_id: userId, client_id: clientId } = body;
  if (ids !== undefined) {
    if (userId !== undefined || clientId !== undefined) {
      throw invalidBody("ids can't be combined with user_id or client_id");
    }
    return ids.flatMap((id) => refreshTokens.get(id) ?? []);
  }
  if (userId !== undefined) {
    const rows = refreshTokens.find("user_id", userId);
    return rows.filter((row) => clientId === undefined || row.client_id === clientId);
  }
  if (clientId !== undefined) return refreshTokens.find("client_id", clientId);
  throw invalidBody("One of ids, user_id and client_id is required");
}

function show(row: RefreshTokenRow): Record<string, unknown> {
  return {
    id: row.id,
    user_id: row.user_id,
    created_at: date(row.created_at),
    idle_expires_at: date(row.idle_expires_at),
    expires_at: date(row.expires_at),
    client_id: row.client_id,
    session_id: row.session_id,
    rotating: row.rotating,
    resource_servers:
      row.audience === undefined ? [] : [{ audience: row.audience, scopes: row.scope }],
    ...(row.refresh_token_metadata === undefined
      ? {}
      : { refresh_token_metadata: row.refresh_token_metadata }),
    last_exchanged_at: date(row.last_exchanged_at),
  };
}

function date(seconds: number | undefined): string | null {
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}
