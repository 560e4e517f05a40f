/** @module /clients/{client_id}/credentials: public keys for private_key_jwt. */
import type { TenantContext } from "../context.ts";
import type { ClientCredential, ClientRow } from "../models/client.ts";
import { credentialAnswer, newCredential } from "./client-credential.ts";
import { credentialInput, credentialUpdate } from "./client-credential-schema.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent, invalidBody } from "./management-error.ts";

/** Keys that a client may have. */
const maxCredentials = 4;

const collection = "/clients/{client_id}/credentials";
const one = `${collection}/{credential_id}`;

export function clientCredentialEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): ClientRow => {
    const client = store.clients.get(id);
    if (!client) throw inexistent.client();
    return client;
  };
  const findOne = (params: Readonly<Record<string, string>>) => {
    const client = find(params["client_id"]);
    const credentials = client.credentials ?? [];
    const credential = credentials.find(({ id }) => id === params["credential_id"]);
    if (!credential) throw inexistent.credential();
    return { client, credential };
  };
  const write = (client: ClientRow, credentials: ClientCredential[]) =>
    store.clients.put(client.client_id, { ...client, credentials });
  return [
    endpoint({
      method: "GET",
      path: collection,
      scopes: ["read:client_credentials"],
      // Page parameters may be sent; the answer is a bare array all the same.
      answer: ({ params }) => ({
        status: 200,
        body: (find(params["client_id"]).credentials ?? []).map(credentialAnswer),
      }),
    }),
    endpoint({
      method: "POST",
      path: collection,
      scopes: ["create:client_credentials"],
      body: credentialInput,
      logged: "Create a client credential",
      answer({ params, body }) {
        const client = find(params["client_id"]);
        const credential = newCredential(body);
        const others = client.credentials ?? [];
        if (others.some(({ pem }) => pem === credential.pem)) {
          throw invalidBody("credentials contains public keys that already exist in client");
        }
        if (others.length >= maxCredentials) {
          throw invalidBody(`A client has ${maxCredentials} credentials at most`);
        }
        write(client, [...others, credential]);
        return { status: 201, body: credentialAnswer(credential) };
      },
    }),
    endpoint({
      method: "GET",
      path: one,
      scopes: ["read:client_credentials"],
      answer: ({ params }) => ({
        status: 200,
        body: credentialAnswer(findOne(params).credential),
      }),
    }),
    endpoint({
      method: "PATCH",
      path: one,
      scopes: ["update:client_credentials"],
      body: credentialUpdate,
      logged: "Update a client credential",
      answer({ params, body }) {
        const { client, credential } = findOne(params);
        const { expires_at: _, ...rest } = credential;
        const next: ClientCredential = {
          ...rest,
          updated_at: new Date(tenant.now() * 1000).toISOString(),
          ...(body.expires_at === null ? {} : { expires_at: body.expires_at }),
        };
        const others = client.credentials ?? [];
        write(
          client,
          others.map((other) => (other.id === next.id ? next : other)),
        );
        // The document says 201, unlike every other update.
        return { status: 201, body: credentialAnswer(next) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: one,
      scopes: ["delete:client_credentials"],
      logged: "Delete a client credential",
      answer({ params }) {
        const client = store.clients.get(params["client_id"] ?? "");
        if (!client) return { status: 204 };
        const id = params["credential_id"];
        const attached = client.client_authentication_methods?.private_key_jwt?.credentials ?? [];
        if (attached.some((credential) => credential.id === id)) {
          throw invalidBody("The credential is in use; detach it from the client first");
        }
        write(
          client,
          (client.credentials ?? []).filter((credential) => credential.id !== id),
        );
        return { status: 204 };
      },
    }),
  ];
}
