/** @module /clients: applications. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import { type ClientInput, newClient, refreshTokenDefaults } from "../models/new-client.ts";
import { deleteClient } from "./cascade.ts";
import { clientAnswer } from "./client-answer.ts";
import { newCredential } from "./client-credential.ts";
import { checkClient } from "./client-rules.ts";
import {
  type ClientCreate,
  type ClientUpdate,
  clientCreate,
  clientUpdate,
  inertClientFields,
} from "./client-schema.ts";
import { clientsOfGrants } from "./client-search.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent, invalidBody, ManagementError } from "./management-error.ts";
import { anyPage, pageFields } from "./page.ts";
import { queryBoolean, queryInteger } from "./validate.ts";
import { withoutNulls, withoutUndefined } from "./without.ts";

const readScopes = [
  "read:clients",
  "read:client_keys",
  "read:client_credentials",
  "read:client_summary",
];

const updateScopes = [
  ...["update:clients", "update:client_keys", "update:client_credentials"],
  "update:client_token_vault_privileged_access",
];

const listQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(),
  is_global: queryBoolean(),
  is_first_party: queryBoolean(),
  app_type: z.string().optional(),
  external_client_id: z.string().min(1).max(120).optional(),
  q: z.string().optional(),
});

const oneQuery = z.object({ ...fieldsParameters(), per_page: queryInteger(0, 100) });

export function clientEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id: string): ClientRow => {
    const client = store.clients.get(id);
    if (!client) throw inexistent.client();
    return client;
  };
  return [
    endpoint({
      method: "GET",
      path: "/clients",
      scopes: readScopes,
      query: listQuery,
      answer({ query, scopes }) {
        const rows =
          query.q === undefined
            ? listed(store.clients.all(), query)
            : clientsOfGrants(tenant, { ...query, q: query.q });
        return anyPage(rows, query, "clients", {
          id: ({ client_id }) => client_id,
          now: tenant.now(),
          show: (client) => selectFields(clientAnswer(tenant, client, scopes), query),
        });
      },
    }),
    endpoint({
      method: "POST",
      path: "/clients",
      scopes: ["create:clients"],
      body: clientCreate,
      inert: inertClientFields,
      logged: "Create a client",
      answer({ body, scopes }) {
        const client = created(tenant, body);
        checkClient(tenant, client);
        checkAliases(tenant, client);
        store.clients.put(client.client_id, client);
        return { status: 201, body: clientAnswer(tenant, client, scopes) };
      },
    }),
    endpoint({
      method: "GET",
      path: "/clients/{id}",
      scopes: readScopes,
      query: oneQuery,
      answer({ params, query, scopes }) {
        const answer = clientAnswer(tenant, find(params["id"] ?? ""), scopes);
        return { status: 200, body: selectFields(answer, query) };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/clients/{id}",
      scopes: updateScopes,
      body: clientUpdate,
      inert: inertClientFields,
      logged: "Update a client",
      answer({ params, body, scopes }) {
        if (body.client_secret !== undefined) requireKeyScope(scopes);
        const client = updated(find(params["id"] ?? ""), body);
        checkClient(tenant, client);
        checkAliases(tenant, client);
        store.clients.put(client.client_id, client);
        return { status: 200, body: clientAnswer(tenant, client, scopes) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/clients/{id}",
      scopes: ["delete:clients"],
      logged: "Delete a client",
      answer({ params }) {
        const client = store.clients.get(params["id"] ?? "");
        if (client?.global) throw invalidBody("The global client can't be deleted");
        if (client) deleteClient(store, client.client_id);
        return { status: 204 };
      },
    }),
    endpoint({
      method: "POST",
      path: "/clients/{id}/rotate-secret",
      scopes: ["update:client_keys"],
      logged: "Rotate a client secret",
      answer({ params, scopes }) {
        const client = { ...find(params["id"] ?? ""), client_secret: tenant.ids.newSecret() };
        store.clients.put(client.client_id, client);
        return { status: 200, body: clientAnswer(tenant, client, scopes) };
      },
    }),
  ];
}

function listed(clients: ClientRow[], query: z.infer<typeof listQuery>): ClientRow[] {
  const types = query.app_type?.split(",");
  return clients.filter(
    (client) =>
      (query.is_global === undefined || client.global === query.is_global) &&
      (query.is_first_party === undefined || client.is_first_party === query.is_first_party) &&
      (types === undefined || types.includes(client.app_type ?? "")) &&
      (query.external_client_id === undefined ||
        client["external_client_id"] === query.external_client_id),
  );
}

function created(tenant: TenantContext, body: ClientCreate): ClientRow {
  const { client_authentication_methods: methods, ...rest } = body;
  const input = withoutUndefined(withMetadata({}, rest)) as ClientInput;
  const client = newClient(input, tenant.settings.tenantId);
  if (!methods) return client;
  if (rest.token_endpoint_auth_method !== undefined) throw bothMethods();
  const { private_key_jwt: keys, ...others } = methods;
  if (!keys) return { ...client, client_authentication_methods: others };
  const credentials = keys.credentials.map((input) => newCredential(input));
  const attached = credentials.map(({ id }) => ({ id }));
  const attachedMethods = { private_key_jwt: { credentials: attached } };
  return { ...client, credentials, client_authentication_methods: attachedMethods };
}

/** Top-level keys are replaced; null removes a key; metadata merges by key. */
function updated(client: ClientRow, body: ClientUpdate): ClientRow {
  const { refresh_token: refreshToken, jwt_configuration: jwt, ...rest } = body;
  const merged: Record<string, unknown> = { ...client, ...withMetadata(client, rest) };
  for (const [key, value] of Object.entries(rest)) if (value === null) delete merged[key];
  const next = merged as ClientRow;
  attach(client, next, body);
  if (jwt) next.jwt_configuration = { ...client.jwt_configuration, ...withoutUndefined(jwt) };
  if (refreshToken !== undefined) {
    const defaults = refreshTokenDefaults(next.token_endpoint_auth_method);
    next.refresh_token = { ...defaults, ...withoutNulls(refreshToken ?? {}) };
  }
  return next;
}

/** A client proves itself one way at a time: keys end the secret's method, and the other way round. */
function attach(client: ClientRow, next: ClientRow, body: ClientUpdate): void {
  const { client_authentication_methods: methods, token_endpoint_auth_method: method } = body;
  if (methods && method) throw bothMethods();
  if (method) delete next.client_authentication_methods;
  if (!methods) return;
  next.token_endpoint_auth_method = null;
  const known = new Set(client.credentials?.map(({ id }) => id));
  const wanted = methods.private_key_jwt?.credentials ?? [];
  const unknown = wanted.find(({ id }) => !known.has(id));
  if (unknown) throw invalidBody(`The client has no credential ${unknown.id}`);
}

function withMetadata(client: Partial<ClientRow>, body: ClientUpdate | ClientCreate): object {
  if (!body.client_metadata) return body;
  const merged = { ...client.client_metadata, ...body.client_metadata };
  return { ...body, client_metadata: withoutNulls(merged) };
}

function checkAliases(tenant: TenantContext, client: ClientRow): void {
  const aliases = client["client_aliases"];
  if (!Array.isArray(aliases) || aliases.length === 0) return;
  const taken = tenant.store.clients.all().some((other) => {
    const others = other["client_aliases"];
    return (
      other.client_id !== client.client_id &&
      Array.isArray(others) &&
      others.some((alias) => aliases.includes(alias))
    );
  });
  if (taken)
    throw new ManagementError(409, "Another client exists with the same alias", "conflict");
}

function requireKeyScope(scopes: ReadonlySet<string>): void {
  if (scopes.has("update:client_keys")) return;
  throw new ManagementError(
    403,
    "Insufficient scope, expected any of: update:client_keys",
    "insufficient_scope",
  );
}

function bothMethods(): ManagementError {
  return invalidBody(
    "token_endpoint_auth_method and client_authentication_methods can't both be set",
  );
}
