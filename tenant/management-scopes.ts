/** @module The scopes of the Management API, as its OpenAPI document names them. */
import type { ResourceServerScope } from "./models/resource-server.ts";

/**
 * Verbs by thing: c create, r read, u update, d delete.
 *
 * `connections_options` is not in the document but in Auth0's own tools: the options of a
 * connection, secrets included.
 */
const verbs = `
actions crud; anomaly_blocks rd; attack_protection ru; authentication_methods crud; branding rud;
client_credentials crud; client_grants crud; client_keys ru; client_summary r;
client_token_vault_privileged_access u; clients crud; connection_profiles crud; connections crud;
connections_keys cru; connections_options ru; current_user rd; current_user_device_credentials cd;
current_user_identities u; current_user_metadata u; custom_domains crud; custom_signing_keys crud;
device_credentials rd; directory_provisionings crud; email_provider crud; email_templates cru;
encryption_keys crud; event_deliveries ru; event_streams crud; events r;
federated_connections_tokens rd; flows crud; flows_executions rd; flows_vault_connections crud;
forms crud; grants rd; group_members r; groups rd; guardian_enrollment_tickets c;
guardian_enrollments rd; guardian_factors ru; hooks crud; log_streams crud; logs r; logs_users r;
mfa_policies ru; network_acls crud; organization_client_grants crd; organization_connections crud;
organization_discovery_domains crud; organization_invitations crd; organization_member_roles crd;
organization_members crd; organizations crud; organizations_summary r; phone_providers crud;
phone_templates crud; prompts ru; refresh_tokens rud; resource_servers crud; role_members crd;
roles crud; rules crud; rules_configs rud; scim_config crud; scim_token crd;
self_service_profile_custom_texts ru; self_service_profiles crud; sessions rud; signing_keys cru;
sso_access_tickets cd; stats r; tenant_settings ru; token_exchange_profiles crud;
user_attribute_profiles crud; user_idp_tokens r; user_tickets c; users crud; users_app_metadata u;
vdcs_templates crud`;

const names: Readonly<Record<string, string>> = {
  c: "create",
  r: "read",
  u: "update",
  d: "delete",
};

/**
 * All that a user's token may have, whatever was asked for and allowed: the rest would let anyone who can sign in
 * administer the tenant.
 *
 * @see Auth0's "Get Management API Access Tokens for Single-Page Applications".
 */
export const currentUserScopes: readonly string[] = [
  "read:current_user",
  "update:current_user_identities",
  "create:current_user_metadata",
  "update:current_user_metadata",
  "delete:current_user_metadata",
  "create:current_user_device_credentials",
  "delete:current_user_device_credentials",
];

/** Every scope with a description, in the order of the things' names. */
export function managementScopes(): ResourceServerScope[] {
  return verbs
    .split(";")
    .map((entry) => entry.trim().split(" "))
    .flatMap(([thing = "", letters = ""]) =>
      [...letters].map((letter) => {
        const verb = names[letter] ?? "";
        return { value: `${verb}:${thing}`, description: title(`${verb}_${thing}`) };
      }),
    );
}

function title(words: string): string {
  return words.replace(/(^|_)([a-z])/g, (_, gap: string, first: string) => {
    return (gap && " ") + first.toUpperCase();
  });
}
