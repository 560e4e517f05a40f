/** @module GET /.well-known/openid-configuration and the key set. */
import type { TenantContext } from "../context.ts";
import { assertionAlgorithms } from "./client-assertion.ts";
import { identityScopes } from "./scopes.ts";
import { tenantSettings } from "./tenant-settings.ts";

/**
 * Auth0's document, less what this tenant does not do: device, MFA and registration endpoints, and the
 * implicit and hybrid response types.
 */
export function discovery(tenant: TenantContext): Record<string, unknown> {
  const at = (path: string) => `${tenant.settings.issuer}${path}`;
  return {
    issuer: tenant.settings.issuer,
    authorization_endpoint: at("authorize"),
    token_endpoint: at("oauth/token"),
    userinfo_endpoint: at("userinfo"),
    jwks_uri: at(".well-known/jwks.json"),
    revocation_endpoint: at("oauth/revoke"),
    ...(tenantSettings(tenant).announcesLogout ? { end_session_endpoint: at("oidc/logout") } : {}),
    scopes_supported: identityScopes,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256", "plain"],
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["HS256", "RS256"],
    token_endpoint_auth_methods_supported: [
      "client_secret_basic",
      "client_secret_post",
      "private_key_jwt",
      "none",
    ],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    claims_supported: [
      "aud",
      "auth_time",
      "created_at",
      "email",
      "email_verified",
      "exp",
      "family_name",
      "given_name",
      "iat",
      "identities",
      "iss",
      "name",
      "nickname",
      "phone_number",
      "picture",
      "sub",
    ],
    request_uri_parameter_supported: false,
    request_parameter_supported: false,
  };
}
