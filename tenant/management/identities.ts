/** @module /users/{id}/identities: accounts that belong to one person are linked, and taken apart again. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { linkUser, ownUserId, unlinkUser } from "../linked-identities.ts";
import type { UserRow } from "../models/user.ts";
import type { Payload } from "../signing-keys.ts";
import { strategies } from "./connection-schema.ts";
import { type Endpoint, endpoint, type ManagementRequest } from "./endpoint.ts";
import { inexistent, invalidBody, ManagementError } from "./management-error.ts";
import { userAnswer } from "./user-answer.ts";

const link = z
  .strictObject({
    provider: z.enum(strategies).optional(),
    connection_id: z
      .string()
      .regex(/^con_[A-Za-z0-9]{16}$/)
      .optional(),
    user_id: z.union([z.string().min(1), z.int()]).optional(),
    link_with: z.string().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

const scopes = ["update:users", "update:current_user_identities"];

export function identityEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): UserRow => {
    const user = store.users.get(id);
    if (!user) throw inexistent.user();
    return user;
  };
  const shown = (user: UserRow, request: ManagementRequest) =>
    userAnswer(user, request.scopes).identities;
  return [
    endpoint({
      method: "POST",
      path: "/users/{id}/identities",
      scopes,
      body: link,
      logged: "Link a User Account",
      async answer(request) {
        requireSelf(request);
        const id = await secondaryId(tenant, request);
        // Both are read after the wait: what others wrote meanwhile is to stay.
        const primary = find(request.params["id"]);
        const secondary = find(id);
        if (secondary.user_id === primary.user_id) {
          throw invalidBody("Main account and linking account are the same");
        }
        const linked = linkUser(store, primary, secondary);
        return { status: 201, body: shown(linked, request) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/users/{id}/identities/{provider}/{user_id}",
      scopes,
      logged: "Unlink a User Identity",
      answer(request) {
        requireSelf(request);
        const { provider, user_id: userId } = request.params;
        const user = find(request.params["id"]);
        const identity = user.identities.find(
          (each) => each.provider === provider && each.user_id === userId,
        );
        if (!identity) throw new ManagementError(400, "The identity does not exist");
        if (identity === user.identities[0]) {
          throw new ManagementError(400, "Main identity can't be unlinked");
        }
        return { status: 200, body: shown(unlinkUser(store, user, identity), request) };
      },
    }),
  ];
}

/** By provider and id, or by the secondary account's own ID token, which is all that a user can show. */
async function secondaryId(
  tenant: TenantContext,
  { body, scopes: held, claims }: ManagementRequest<z.infer<typeof link>>,
): Promise<string> {
  const { link_with: token, provider, user_id: id, connection_id: connectionId } = body;
  const owner = held.has("update:users");
  if (token !== undefined) return linkedSubject(tenant, token, owner ? undefined : claims);
  if (!owner) {
    const message = "Insufficient scope, expected any of: update:users";
    throw new ManagementError(403, message, "insufficient_scope");
  }
  if (provider === undefined || id === undefined) {
    throw invalidBody("Either link_with, or provider and user_id, are required");
  }
  const connection = connectionId && tenant.store.connections.get(connectionId);
  if (connectionId !== undefined && !connection) throw inexistent.connection();
  return ownUserId({ provider, user_id: String(id) });
}

/**
 * Whom an ID token is about. Its signature is the tenant's own (RS256): a token under a client's secret proves
 * nothing that the client could not have written itself.
 *
 * @param caller The claims of a user's token: the ID token has to be of the same application. An owner's token is
 * of no user's application, so any application's ID token will do (inferred).
 * @see The Management API's OpenAPI document: "JWT (link_with) must have an aud claim that matches that of the calling
 * token's azp", "must have an alg of RS256".
 */
async function linkedSubject(
  tenant: TenantContext,
  token: string,
  caller: Payload | undefined,
): Promise<string> {
  const claims = await tenant.keys.verify(token).catch(() => undefined);
  const { sub, aud } = claims ?? {};
  // Of our tokens only ID tokens are for a client and name no other as the one that asked.
  const asked = claims?.["azp"] ?? claims?.["client_id"];
  const client = typeof aud === "string" ? tenant.store.clients.get(aud) : undefined;
  if (sub === undefined || client === undefined || asked !== undefined) {
    throw invalidBody("link_with is no ID token of this tenant");
  }
  if (caller !== undefined && aud !== caller["azp"]) {
    throw invalidBody(
      "JWT (link_with) must have an aud claim that matches that of the calling token's azp.",
    );
  }
  return sub;
}

/** update:current_user_identities is for the token's own user. */
function requireSelf({ scopes: held, claims, params }: ManagementRequest): void {
  if (held.has("update:users") || claims.sub === params["id"]) return;
  const message = "User to be acted on does not match subject in bearer token.";
  throw new ManagementError(403, message, "insufficient_scope");
}
