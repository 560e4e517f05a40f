/** @module Where the published descriptions and the recordings of the service disagree. */

/** One accepted difference; `source` says why the description is not followed. */
export interface SpecException {
  /** `METHOD /path/{pattern}`; `*`: every operation of the Management API; `any`: of all APIs. */
  operation: string;
  /** The status that is answered. */
  status: number;
  /** The status whose schema holds; absent: the answer's body is not held to a schema. */
  as?: number;
  source: string;
}

/** Statuses that the descriptions don't list, or list under another number. */
export const statusExceptions: readonly SpecException[] = [
  {
    operation: "*",
    status: 400,
    source: "a refused query or path; the document lists it for most operations, not for all",
  },
  {
    operation: "any",
    status: 413,
    source: "a body that no operation takes; HTTP's own word for it (inferred)",
  },
  {
    operation: "PATCH /resource-servers/{id}",
    status: 200,
    as: 201,
    source: "the recordings of the service answer 200; the document says 201 only",
  },
  {
    operation: "PATCH /resource-servers/{id}",
    status: 404,
    source: "provider semantics: an update of a deleted API is a 404",
  },
  {
    operation: "DELETE /resource-servers/{id}",
    status: 400,
    source: "the document's text: system resource servers can't be deleted",
  },
  {
    operation: "DELETE /connections/{id}",
    status: 202,
    source: "recordings: 202 has { deleted_at }, which the document leaves without a schema",
  },
  ...[
    "POST /users/{id}/identities",
    "DELETE /users/{id}/identities/{provider}/{user_id}",
    "GET /users/{user_id}/sessions",
    "DELETE /users/{user_id}/sessions",
    "POST /users/{id}/revoke-access",
  ].map((operation) => ({
    operation,
    status: 404,
    source: "(inferred): a user that does not exist, as at the other operations of users",
  })),
  {
    operation: "GET /keys/signing/{kid}",
    status: 404,
    source: "(inferred): what else is there to say of a key that does not exist",
  },
  {
    operation: "POST /me/v1/connected-accounts/connect",
    status: 404,
    as: 400,
    source: "field reports: 404 for a connection that the app lacks, and before activation",
  },
  ...["accounts", "connections"].map((list) => ({
    operation: `GET /me/v1/connected-accounts/${list}`,
    status: 404,
    as: 400,
    source: "field reports: 404 before the My Account API is activated (A0E-404-0001)",
  })),
  {
    operation: "DELETE /me/v1/connected-accounts/accounts/{id}",
    status: 404,
    as: 400,
    source: "(inferred): an id that the user does not have",
  },
  {
    operation: "POST /me/v1/connected-accounts/complete",
    status: 404,
    source: "the SDK's own tests: 404 'Invalid or expired session'",
  },
  ...["GET /v2/logout", "GET /oidc/logout"].flatMap((operation) => [
    {
      operation,
      status: 200,
      source:
        "(inferred): with no address to go to there is a page; the document has redirects only",
    },
    { operation, status: 400, source: "Auth0's page on logout: an address that is not allowed" },
  ]),
];

/** Request fields that the service takes although the closed schema lacks them. */
export const extraRequestFields: Readonly<Record<string, readonly string[]>> = {
  // Recorded: the service takes and answers it.
  "POST /resource-servers": ["token_lifetime_for_web"],
  "PATCH /resource-servers/{id}": ["token_lifetime_for_web"],
  // Written by auth0-deploy-cli, which is newer than the description.
  "PATCH /tenants/settings": [
    ...["session_lifetime_in_minutes", "idle_session_lifetime_in_minutes"],
    ...["ephemeral_session_lifetime_in_minutes", "idle_ephemeral_session_lifetime_in_minutes"],
  ],
};

/** Accepted requests that are not held to the description's schema of the body. */
export function hasUndescribedBody(name: string, body: unknown): boolean {
  if (name !== "POST /oauth/token") return false;
  const { grant_type: grant, client_secret: secret } = body as Record<string, unknown>;
  // The description lists every grant but the vault's, which has a page of its own; and of a client
  // that proves itself by an assertion or in a header it knows nothing.
  // auth0-python writes null for what it was not given.
  const hasNull = Object.values(body as Record<string, unknown>).includes(null);
  return hasNull || String(grant).startsWith("urn:auth0:") || secret === undefined;
}
