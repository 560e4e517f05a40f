/** @module /client-grants: which scopes of an API a client may have, for itself or for users. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ClientGrantRow } from "../models/client-grant.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent, invalidBody, ManagementError } from "./management-error.ts";
import { anyPage, pageFields } from "./page.ts";
import { queryBoolean, unique } from "./validate.ts";

const scopeList = () => unique(z.string().min(1).max(280));
const detailTypes = () => z.array(z.string().min(1).max(255));
const usage = () => z.enum(["deny", "allow", "require"]);

const grantCreate = z.strictObject({
  client_id: z.string().min(1).optional(),
  audience: z.string().min(1),
  default_for: z.enum(["third_party_clients"]).optional(),
  organization_usage: usage().optional(),
  allow_any_organization: z.boolean().optional(),
  scope: scopeList().optional(),
  subject_type: z.enum(["client", "user"]).optional(),
  authorization_details_types: detailTypes().optional(),
  allow_all_scopes: z.boolean().optional(),
});

const grantUpdate = z
  .strictObject({
    scope: scopeList().nullish(),
    organization_usage: usage().nullish(),
    allow_any_organization: z.boolean().nullish(),
    authorization_details_types: detailTypes().optional(),
    allow_all_scopes: z.boolean().nullish(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

const listQuery = z.strictObject({
  ...pageFields(),
  audience: z.string().optional(),
  client_id: z.string().optional(),
  allow_any_organization: queryBoolean(),
  subject_type: z.enum(["client", "user"]).optional(),
  default_for: z.enum(["third_party_clients"]).optional(),
});

const inert = ["organization_usage=deny", "allow_any_organization", "authorization_details_types"];

export function clientGrantEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): ClientGrantRow => {
    const grant = store.clientGrants.get(id);
    if (!grant) throw inexistent.clientGrant();
    return grant;
  };
  return [
    endpoint({
      method: "GET",
      path: "/client-grants",
      scopes: ["read:client_grants"],
      query: listQuery,
      answer({ query }) {
        const { audience, client_id: clientId, subject_type: subject } = query;
        const rows = store.clientGrants
          .all()
          .filter(
            (grant) =>
              (audience === undefined || grant.audience === audience) &&
              (clientId === undefined || grant.client_id === clientId) &&
              (subject === undefined || grant.subject_type === subject) &&
              (!query.allow_any_organization || grant.allow_any_organization === true) &&
              (query.default_for === undefined || grant["default_for"] === query.default_for),
          );
        const options = { id: ({ id }: ClientGrantRow) => id, now: tenant.now(), show };
        return anyPage(rows, query, "client_grants", options);
      },
    }),
    endpoint({
      method: "POST",
      path: "/client-grants",
      scopes: ["create:client_grants"],
      body: grantCreate,
      inert: [...inert, "default_for"],
      logged: "Create a client grant",
      answer({ body }) {
        const grant = created(tenant, body);
        store.clientGrants.put(grant.id, grant);
        return { status: 201, body: show(grant) };
      },
    }),
    endpoint({
      method: "GET",
      path: "/client-grants/{id}",
      scopes: ["read:client_grants"],
      answer: ({ params }) => ({ status: 200, body: show(find(params["id"])) }),
    }),
    endpoint({
      method: "PATCH",
      path: "/client-grants/{id}",
      scopes: ["update:client_grants"],
      body: grantUpdate,
      inert,
      logged: "Update a client grant",
      answer({ params, body }) {
        const grant = find(params["id"]);
        const next = { ...grant, ...body } as ClientGrantRow;
        for (const [key, value] of Object.entries(body)) if (value === null) delete next[key];
        // Switched off, the old scopes would come back unasked.
        if (grant.allow_all_scopes && body.allow_all_scopes === false && !body.scope) {
          throw invalidBody("scope is required when allow_all_scopes is turned off");
        }
        next.scope = body.scope ?? (body.scope === null ? [] : grant.scope);
        checkScope(tenant, next);
        store.clientGrants.put(next.id, next);
        return { status: 200, body: show(next) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/client-grants/{id}",
      scopes: ["delete:client_grants"],
      logged: "Delete a client grant",
      answer({ params }) {
        store.clientGrants.delete(params["id"] ?? "");
        return { status: 204 };
      },
    }),
  ];
}

function created(tenant: TenantContext, body: z.infer<typeof grantCreate>): ClientGrantRow {
  const { store } = tenant;
  if ((body.client_id === undefined) === (body.default_for === undefined)) {
    throw invalidBody("One of client_id and default_for is required, not both");
  }
  const grant = {
    ...body,
    id: tenant.ids.newId("cgr_"),
    client_id: body.client_id ?? "",
    scope: body.scope ?? [],
    subject_type: body.subject_type ?? "client",
  } as ClientGrantRow;
  if (body.client_id !== undefined && !store.clients.get(body.client_id)) throw inexistent.client();
  checkScope(tenant, grant);
  const twin = store.clientGrants
    .find("client_id", grant.client_id)
    .some(
      ({ audience, subject_type: subject }) =>
        audience === grant.audience && subject === grant.subject_type,
    );
  if (!twin) return grant;
  const message = `A client grant for the client, audience and subject type ${grant.subject_type} already exists`;
  throw new ManagementError(409, message, "conflict");
}

/** Every scope must be one that the API defines. */
function checkScope(tenant: TenantContext, grant: ClientGrantRow): void {
  const [api] = tenant.store.resourceServers.find("identifier", grant.audience);
  if (!api) throw inexistent.resourceServer();
  if (
    grant.subject_type === "client" &&
    api.subject_type_authorization.client.policy === "deny_all"
  ) {
    throw invalidBody("The resource server does not allow client grants of subject_type client");
  }
  const defined = new Set(api.scopes?.map(({ value }) => value));
  const unknown = grant.scope.filter((scope) => !defined.has(scope));
  if (unknown.length === 0) return;
  throw invalidBody(
    `Payload validation error: scope must be a subset of resource server scopes; not defined: ${unknown.join(" ")}`,
  );
}

/** While all scopes are allowed, the answer has no list of them. */
function show(grant: ClientGrantRow): Partial<ClientGrantRow> {
  const { scope, client_id: clientId, ...rest } = grant;
  return {
    ...rest,
    ...(clientId === "" ? {} : { client_id: clientId }),
    ...(grant.allow_all_scopes ? {} : { scope }),
  };
}
