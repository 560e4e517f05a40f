/** @module Sessions of users' browsers, and the end of all that a user has open. */
import { z } from "zod";
import { keepSession } from "../authentication/browser.ts";
import { tenantSettings } from "../authentication/tenant-settings.ts";
import type { TenantContext } from "../context.ts";
import type { SessionRow } from "../models/session.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent } from "./management-error.ts";
import { metadataOf } from "./metadata.ts";
import { checkpointPage, pageFields } from "./page.ts";

const ofUser = "/users/{user_id}/sessions";

const revocation = z.strictObject({
  session_id: z.string().max(50).optional(),
  preserve_refresh_tokens: z.boolean().optional(),
});

export function sessionEndpoints(tenant: TenantContext): Endpoint[] {
  const { sessions, refreshTokens, users } = tenant.store;
  const find = (id = ""): SessionRow => {
    const session = sessions.get(id);
    if (!session) throw inexistent.session();
    return session;
  };
  const requireUser = (id = "") => {
    if (!users.get(id)) throw inexistent.user();
    return id;
  };
  const show = (row: SessionRow) => shown(tenant, row);
  return [
    endpoint({
      method: "GET",
      path: ofUser,
      scopes: ["read:sessions"],
      query: z.object(pageFields()),
      answer({ params, query }) {
        const rows = sessions.find("user_id", requireUser(params["user_id"]));
        const options = { id: ({ id }: SessionRow) => id, now: tenant.now(), show };
        return checkpointPage(rows, query, "sessions", options);
      },
    }),
    endpoint({
      method: "DELETE",
      path: ofUser,
      scopes: ["delete:sessions"],
      logged: "Delete the sessions of a user",
      answer({ params }) {
        const userId = requireUser(params["user_id"]);
        for (const { id } of sessions.find("user_id", userId)) sessions.delete(id);
        return { status: 202 };
      },
    }),
    endpoint({
      method: "GET",
      path: "/sessions/{id}",
      scopes: ["read:sessions"],
      answer: ({ params }) => ({ status: 200, body: show(find(params["id"])) }),
    }),
    endpoint({
      method: "PATCH",
      path: "/sessions/{id}",
      scopes: ["update:sessions"],
      body: metadataOf("session_metadata"),
      logged: "Update a session",
      answer({ params, body }) {
        const metadata = body["session_metadata"] ?? null;
        const session: SessionRow = { ...find(params["id"]), session_metadata: metadata };
        keepSession(tenant, session);
        return { status: 200, body: show(session) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/sessions/{id}",
      scopes: ["delete:sessions"],
      logged: "Delete a session",
      answer({ params }) {
        sessions.delete(params["id"] ?? "");
        return { status: 202 };
      },
    }),
    endpoint({
      method: "POST",
      path: "/sessions/{id}/revoke",
      scopes: ["delete:sessions"],
      logged: "Revoke a session",
      answer({ params }) {
        const { id } = find(params["id"]);
        tenant.store.transaction(() => {
          sessions.delete(id);
          for (const token of refreshTokens.find("session_id", id)) refreshTokens.delete(token.id);
        });
        return { status: 202 };
      },
    }),
    endpoint({
      method: "POST",
      path: "/users/{id}/revoke-access",
      scopes: ["delete:sessions"],
      body: revocation,
      logged: "Revoke a user's access",
      answer({ params, body }) {
        const userId = requireUser(params["id"]);
        const { session_id: only, preserve_refresh_tokens: preserve } = body;
        tenant.store.transaction(() => {
          for (const { id } of sessions.find("user_id", userId)) {
            if (only === undefined || only === id) sessions.delete(id);
          }
          for (const token of preserve ? [] : refreshTokens.find("user_id", userId)) {
            if (only === undefined || only === token.session_id) refreshTokens.delete(token.id);
          }
        });
        return { status: 202 };
      },
    }),
  ];
}

/** The cookie's secret, even hashed, is nobody's business. */
function shown(tenant: TenantContext, row: SessionRow): Record<string, unknown> {
  const created = row.created_at ?? row.auth_time;
  return {
    id: row.id,
    user_id: row.user_id,
    created_at: date(created),
    updated_at: date(created),
    authenticated_at: date(row.auth_time),
    expires_at: date(created + tenantSettings(tenant).sessionSeconds),
    clients: (row.client_ids ?? []).map((id) => ({ client_id: id })),
    authentication: { methods: [{ name: "pwd", timestamp: date(row.auth_time) }] },
    ...(row.session_metadata === undefined ? {} : { session_metadata: row.session_metadata }),
  };
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
