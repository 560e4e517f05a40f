/** @module The drift tables of APIs, credentials, grants and enabled clients. */
import { Secret } from "../../engine/plugins/protocol/value.ts";
import type { Exception, Row } from "./row.ts";

const encryption = {
  format: "compact-nested-jwe",
  encryptionKey: { name: "one", algorithm: "RSA-OAEP-256", kid: "k1", pem: "a key" },
};

const wireEncryption = (kid: string) => ({
  format: "compact-nested-jwe",
  encryption_key: { name: "one", alg: "RSA-OAEP-256", kid, pem: "a key" },
});

const encryptionRows: readonly Row[] = [
  ["name", "name", "two"],
  ["algorithm", "alg", "RSA-OAEP-512"],
  ["kid", "kid", "k2"],
].map(([property = "", wire = "", theirs = ""]) => ({
  property: `tokenEncryption.encryptionKey.${property}`,
  inputs: { tokenEncryption: encryption },
  edit: { token_encryption: { encryption_key: { [wire]: theirs } } },
}));

export const apiRows: readonly Row[] = [
  { property: "name", inputs: { name: "Mine" }, edit: { name: "Theirs" } },
  { property: "signingAlg", inputs: { signingAlg: "RS256" }, edit: { signing_alg: "PS256" } },
  {
    property: "signingSecret",
    inputs: { signingAlg: "HS256", signingSecret: "a secret of the API" },
    edit: { signing_secret: "another one of the API" },
  },
  {
    property: "allowOfflineAccess",
    inputs: { allowOfflineAccess: true },
    edit: { allow_offline_access: false },
  },
  {
    property: "allowOnlineAccess",
    inputs: { allowOnlineAccess: true },
    edit: { allow_online_access: false },
  },
  { property: "tokenLifetime", inputs: { tokenLifetime: 7200 }, edit: { token_lifetime: 9000 } },
  {
    property: "tokenLifetimeForWeb",
    inputs: { tokenLifetimeForWeb: 600 },
    edit: { token_lifetime_for_web: 700 },
  },
  {
    property: "skipConsentForVerifiableFirstPartyClients",
    inputs: { skipConsentForVerifiableFirstPartyClients: true },
    edit: { skip_consent_for_verifiable_first_party_clients: false },
  },
  {
    property: "enforcePolicies",
    inputs: { enforcePolicies: true },
    edit: { enforce_policies: false },
  },
  {
    property: "tokenDialect",
    inputs: { tokenDialect: "rfc9068_profile" },
    edit: { token_dialect: "access_token" },
  },
  {
    property: "consentPolicy",
    inputs: { consentPolicy: "transactional-authorization-with-mfa" },
    edit: { consent_policy: null },
  },
  {
    property: "authorizationDetails",
    inputs: { authorizationDetails: [{ type: "payment" }] },
    edit: { authorization_details: [{ type: "transfer" }] },
  },
  {
    property: "proofOfPossession.mechanism",
    inputs: { proofOfPossession: { mechanism: "dpop", required: true } },
    edit: { proof_of_possession: { mechanism: "mtls" } },
  },
  {
    property: "proofOfPossession.required",
    inputs: { proofOfPossession: { mechanism: "dpop", required: true } },
    edit: { proof_of_possession: { required: false } },
  },
  {
    property: "proofOfPossession.requiredFor",
    inputs: {
      proofOfPossession: { mechanism: "dpop", required: true, requiredFor: "all_clients" },
    },
    edit: { proof_of_possession: { required_for: "public_clients" } },
  },
  {
    property: "proofOfPossession.disable",
    inputs: { proofOfPossession: { disable: true } },
    edit: { proof_of_possession: { mechanism: "dpop", required: true } },
  },
  {
    property: "authorizationPolicy.policyId",
    inputs: { authorizationPolicy: { policyId: "one" } },
    edit: { authorization_policy: { policy_id: "two" } },
  },
  {
    property: "tokenEncryption.disable",
    inputs: { tokenEncryption: { disable: true } },
    edit: { token_encryption: wireEncryption("k1") },
  },
  ...encryptionRows,
  {
    property: "subjectTypeAuthorization.user.policy",
    inputs: { subjectTypeAuthorization: { user: { policy: "require_client_grant" } } },
    edit: { subject_type_authorization: { user: { policy: "allow_all" } } },
  },
  {
    property: "subjectTypeAuthorization.client.policy",
    inputs: { subjectTypeAuthorization: { client: { policy: "require_client_grant" } } },
    edit: { subject_type_authorization: { client: { policy: "deny_all" } } },
  },
];

export const apiExceptions: readonly Exception[] = [
  { property: "identifier", reason: "the API refuses a change; a new identifier is a new API" },
  ...["verificationLocation", "allowOnlineAccessWithEphemeralSessions"].map((property) => ({
    property,
    reason: "is not in Auth0's published API description, and the local tenant refuses it",
  })),
  { property: "tokenEncryption.format", reason: "has one value only" },
  { property: "tokenEncryption.encryptionKey.pem", reason: "write-only: the API never answers it" },
];

export const credentialsRows: readonly Row[] = [
  {
    property: "authenticationMethod",
    inputs: { authenticationMethod: "client_secret_post" },
    edit: { token_endpoint_auth_method: "client_secret_basic" },
  },
  {
    property: "clientSecret",
    inputs: {
      authenticationMethod: "client_secret_post",
      clientSecret: new Secret("s".repeat(48)),
    },
    edit: { client_secret: "t".repeat(48) },
  },
];

export const credentialsExceptions: readonly Exception[] = [
  { property: "clientId", reason: "names the client; a new one is a new resource" },
  {
    property: "clientSecretWo",
    reason: "write-only: nothing of it is kept that could be compared",
  },
  { property: "clientSecretWoVersion", reason: "is in the program and the state only, never sent" },
];

export const grantRows: readonly Row[] = [
  { property: "scopes", inputs: { scopes: ["read:all"] }, edit: { scope: [] } },
  {
    property: "organizationUsage",
    inputs: { scopes: [], organizationUsage: "allow" },
    edit: { organization_usage: "deny" },
  },
  {
    property: "allowAnyOrganization",
    inputs: { scopes: [], organizationUsage: "allow", allowAnyOrganization: true },
    edit: { allow_any_organization: false },
  },
  {
    property: "authorizationDetailsTypes",
    inputs: { scopes: [], authorizationDetailsTypes: ["payment"] },
    edit: { authorization_details_types: [] },
  },
  {
    property: "allowAllScopes",
    inputs: { allowAllScopes: true },
    edit: { allow_all_scopes: false, scope: ["read:all"] },
  },
];

export const grantExceptions: readonly Exception[] = [
  ...["clientId", "audience", "subjectType", "defaultFor"].map((property) => ({
    property,
    reason: "the API refuses a change; a new value is a new grant",
  })),
];
