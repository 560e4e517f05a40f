/** @module /resource-servers: APIs, found by id or by identifier. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ResourceServerRow } from "../models/resource-server.ts";
import { deleteResourceServer } from "./cascade.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent, ManagementError } from "./management-error.ts";
import { myAccountIdentifier, myAccountResourceServer } from "./my-account-resource-server.ts";
import { anyPage, pageFields } from "./page.ts";
import { checkResourceServer, checkSystemUpdate } from "./resource-server-rules.ts";
import {
  inertResourceServerFields,
  type ResourceServerCreate,
  type ResourceServerUpdate,
  resourceServerCreate,
  resourceServerUpdate,
} from "./resource-server-schema.ts";
import { queryBoolean, queryList } from "./validate.ts";
import { withoutNulls } from "./without.ts";

const listQuery = z.strictObject({
  ...pageFields(),
  identifiers: queryList(),
  // Not in the document; tools send it, and a tenant that ignored it would answer every API.
  identifier: queryList(),
  include_fields: queryBoolean(),
});

/** Other settings of an API are its own; these can be taken back with null. */
const nullable = [
  ...["token_encryption", "consent_policy", "authorization_details", "proof_of_possession"],
  "authorization_policy",
];

export function resourceServerEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): ResourceServerRow => {
    const api = lookUp(tenant, id);
    if (!api) throw inexistent.resourceServer();
    return api;
  };
  return [
    endpoint({
      method: "GET",
      path: "/resource-servers",
      scopes: ["read:resource_servers"],
      query: listQuery,
      answer({ query }) {
        const wanted = query.identifiers ?? query.identifier;
        const rows = store.resourceServers
          .all()
          .filter(({ identifier }) => !wanted || wanted.includes(identifier));
        const options = { id: ({ id }: ResourceServerRow) => id, now: tenant.now() };
        return anyPage(rows, query, "resource_servers", options);
      },
    }),
    endpoint({
      method: "POST",
      path: "/resource-servers",
      scopes: ["create:resource_servers"],
      body: resourceServerCreate,
      inert: inertResourceServerFields,
      logged: "Create a resource server",
      answer({ body }) {
        if (store.resourceServers.find("identifier", body.identifier).length > 0) {
          const message = "A resource server with the same identifier already exists.";
          throw new ManagementError(409, message, "conflict");
        }
        const { kept, answered } = created(tenant, body);
        checkResourceServer(kept);
        store.resourceServers.put(kept.id, kept);
        return { status: 201, body: answered };
      },
    }),
    endpoint({
      method: "GET",
      path: "/resource-servers/{id}",
      scopes: ["read:resource_servers"],
      answer: ({ params }) => ({ status: 200, body: find(params["id"]) }),
    }),
    endpoint({
      method: "PATCH",
      path: "/resource-servers/{id}",
      scopes: ["update:resource_servers"],
      body: resourceServerUpdate,
      inert: inertResourceServerFields,
      logged: "Update a resource server",
      answer({ params, body }) {
        const api = find(params["id"]);
        checkSystemUpdate(api, body);
        const next = updated(tenant, api, body);
        checkResourceServer(next);
        store.resourceServers.put(next.id, next);
        // The document says 201; recordings of the service say 200.
        return { status: 200, body: next };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/resource-servers/{id}",
      scopes: ["delete:resource_servers"],
      logged: "Delete a resource server",
      answer({ params }) {
        const api = lookUp(tenant, params["id"] ?? "");
        // The My Account API can be deleted, as recorded, although it is a system API.
        const deletable = api?.identifier === myAccountIdentifier(tenant.settings.issuer);
        if (api?.is_system && !deletable) {
          const message = "System resource servers cannot be deleted";
          throw new ManagementError(400, message, "operation_not_supported");
        }
        if (api) deleteResourceServer(store, api.id, api.identifier);
        return { status: 204 };
      },
    }),
  ];
}

/** By id, or by identifier, which the official provider percent-encodes twice. */
function lookUp(tenant: TenantContext, id: string): ResourceServerRow | undefined {
  const { resourceServers } = tenant.store;
  return (
    resourceServers.get(id) ??
    resourceServers.find("identifier", id)[0] ??
    resourceServers.find("identifier", decoded(id))[0]
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function created(
  tenant: TenantContext,
  body: ResourceServerCreate,
): { kept: ResourceServerRow; answered: ResourceServerRow } {
  const id = tenant.ids.newHexId();
  const { issuer } = tenant.settings;
  if (body.identifier === myAccountIdentifier(issuer)) return myAccountResourceServer(id, issuer);
  const { subject_type_authorization: subjects, ...rest } = body;
  const lifetime = body.token_lifetime ?? 86_400;
  const api = withSecret(tenant, {
    allow_offline_access: false,
    skip_consent_for_verifiable_first_party_clients: false,
    token_lifetime: lifetime,
    token_lifetime_for_web: Math.min(7_200, lifetime),
    signing_alg: "RS256",
    ...withoutNulls(rest),
    id,
    identifier: body.identifier,
    subject_type_authorization: {
      client: { policy: subjects?.client?.policy ?? "require_client_grant" },
      user: { policy: subjects?.user?.policy ?? "allow_all" },
    },
  } as ResourceServerRow);
  return { kept: api, answered: api };
}

/** Top-level keys are replaced, `scopes` as a list; a subject type that is not named stays. */
function updated(
  tenant: TenantContext,
  api: ResourceServerRow,
  body: ResourceServerUpdate,
): ResourceServerRow {
  const { subject_type_authorization: subjects, ...rest } = body;
  const next = { ...api, ...rest } as ResourceServerRow;
  for (const key of nullable) if (next[key] === null) delete next[key];
  next.subject_type_authorization = {
    client: { policy: subjects?.client?.policy ?? api.subject_type_authorization.client.policy },
    user: { policy: subjects?.user?.policy ?? api.subject_type_authorization.user.policy },
  };
  if (body.token_lifetime !== undefined && body.token_lifetime_for_web === undefined) {
    next.token_lifetime_for_web = Math.min(api.token_lifetime_for_web, body.token_lifetime);
  }
  return withSecret(tenant, next);
}

/** HS256 needs a secret; Auth0 makes one when none was given. */
function withSecret(tenant: TenantContext, api: ResourceServerRow): ResourceServerRow {
  const { signing_secret: secret, ...rest } = api;
  if (api.signing_alg !== "HS256") return rest as ResourceServerRow;
  return { ...api, signing_secret: secret ?? tenant.ids.newSecret() };
}
