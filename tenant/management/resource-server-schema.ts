/** @module What requests may say about an API. */
import { z } from "zod";

const scope = z.strictObject({
  value: z.string().min(1).max(280),
  description: z.string().max(500).optional(),
});

/** Seconds: 30 days. */
const maxLifetime = 2_592_000;

const common = {
  name: z
    .string()
    .max(200)
    .regex(/^[^<>]+$/)
    .optional(),
  scopes: z.array(scope).max(1_000).optional(),
  signing_alg: z.enum(["HS256", "RS256", "RS512", "PS256"]).optional(),
  signing_secret: z.string().min(16).optional(),
  allow_offline_access: z.boolean().optional(),
  allow_online_access: z.boolean().optional(),
  token_lifetime: z.int().min(0).max(maxLifetime).optional(),
  // Not in the document, but taken by the service, as recordings show.
  token_lifetime_for_web: z.int().min(0).max(maxLifetime).optional(),
  token_dialect: z
    .enum(["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"])
    .optional(),
  skip_consent_for_verifiable_first_party_clients: z.boolean().optional(),
  enforce_policies: z.boolean().optional(),
  token_encryption: z.looseObject({}).nullish(),
  consent_policy: z.enum(["transactional-authorization-with-mfa"]).nullish(),
  authorization_details: z.array(z.looseObject({})).nullish(),
  proof_of_possession: z
    .strictObject({
      mechanism: z.enum(["mtls", "dpop"]),
      required: z.boolean(),
      required_for: z.enum(["public_clients", "all_clients"]).optional(),
    })
    .nullish(),
  subject_type_authorization: z
    .strictObject({
      user: z
        .looseObject({ policy: z.enum(["allow_all", "deny_all", "require_client_grant"]) })
        .optional(),
      client: z.looseObject({ policy: z.enum(["deny_all", "require_client_grant"]) }).optional(),
    })
    .optional(),
  authorization_policy: z.strictObject({ policy_id: z.string().min(1).max(1_024) }).nullish(),
};

/** POST /resource-servers. */
export const resourceServerCreate = z.strictObject({
  ...common,
  identifier: z.string().min(1).max(600),
});

/** PATCH /resource-servers/{id}: the identifier is for ever. */
export const resourceServerUpdate = z.strictObject(common);

export type ResourceServerCreate = z.infer<typeof resourceServerCreate>;
export type ResourceServerUpdate = z.infer<typeof resourceServerUpdate>;

/** Fields with an effect at Auth0 that this tenant does not have. */
export const inertResourceServerFields: readonly string[] = [
  ...["signing_alg=RS256", "allow_online_access", "token_encryption", "consent_policy"],
  ...["authorization_details", "proof_of_possession.required", "authorization_policy"],
  ...["enforce_policies"],
];
