/** @module The API ("resource server") as the wire has it. */

/** One scope that an API defines. */
export interface ResourceServerScope {
  value: string;
  description?: string;
}

/** Who may get a token for an API: a user through a client, or a client by itself. */
export interface SubjectTypeAuthorization {
  user: { policy: "allow_all" | "deny_all" | "require_client_grant" };
  client: { policy: "deny_all" | "require_client_grant" };
}

/** The wire object in full; lifetimes in seconds. */
export interface ResourceServerRow {
  id: string;
  identifier: string;
  name?: string;
  scopes?: ResourceServerScope[];
  /** Present, and true, only on the APIs of Auth0 itself. */
  is_system?: boolean;
  signing_alg: string;
  signing_secret?: string;
  allow_offline_access: boolean;
  skip_consent_for_verifiable_first_party_clients: boolean;
  subject_type_authorization: SubjectTypeAuthorization;
  token_lifetime: number;
  token_lifetime_for_web: number;
  token_dialect?: string;
  enforce_policies?: boolean;
  [field: string]: unknown;
}
