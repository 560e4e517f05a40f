/** @module What an answer shows of a client. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";

/** Shown only to a token that may read keys. */
const keyFields = new Set(["client_secret", "signing_keys", "encryption_key"]);

/** All that a token with read:client_summary alone sees (inferred). */
const summaryFields = ["client_id", "tenant", "name", "description", "app_type", "logo_uri"];

/** Any of these may see keys: reading them, or having just set them. */
const keyScopes = ["read:client_keys", "update:client_keys", "create:clients"];

/** The wire object, cut to what the caller's scopes may see. */
export function clientAnswer(
  tenant: TenantContext,
  client: ClientRow,
  scopes: ReadonlySet<string>,
): Record<string, unknown> {
  const { credentials: _, ...row } = client;
  const answer: Record<string, unknown> = { ...row, signing_keys: signingKeys(tenant) };
  if (client.token_endpoint_auth_method === null) delete answer["token_endpoint_auth_method"];
  // A client with a key of its own has no use for the secret, and Auth0 stops answering it.
  if (client.client_authentication_methods) delete answer["client_secret"];
  if (!keyScopes.some((scope) => scopes.has(scope))) {
    for (const field of keyFields) delete answer[field];
  }
  if (!seesAll(scopes)) {
    return Object.fromEntries(
      summaryFields.flatMap((field) => (field in answer ? [[field, answer[field]]] : [])),
    );
  }
  return answer;
}

function seesAll(scopes: ReadonlySet<string>): boolean {
  const others = [...scopes].filter((scope) => /:client(s|_keys|_credentials)$/.test(scope));
  return others.length > 0;
}

function signingKeys(tenant: TenantContext): Record<string, string>[] {
  const { cert, pkcs7 } = tenant.keys.certificate();
  return [{ cert, pkcs7, subject: `/CN=${tenant.settings.domain}` }];
}
