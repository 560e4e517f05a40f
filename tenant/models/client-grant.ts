/** @module The client grant: which scopes of which API a client may have, for whom. */

/** The wire object in full. */
export interface ClientGrantRow {
  id: string;
  client_id: string;
  audience: string;
  scope: string[];
  /** `user`: tokens for a user through the client; `client`: the client's own tokens. */
  subject_type: "user" | "client";
  allow_all_scopes?: boolean;
  organization_usage?: string;
  allow_any_organization?: boolean;
  is_system?: boolean;
  [field: string]: unknown;
}
