/** @module The drift table of auth0:index/client:Client. */
import type { PropertyMap } from "../../engine/plugins/protocol/value.ts";
import type { Exception, Row } from "./row.ts";

/** What every row declares besides its own property. */
export const clientBase: PropertyMap = { name: "Agent", appType: "regular_web" };

const rotation = { rotationType: "rotating", expirationType: "expiring" };
const tokens = { ...rotation, tokenLifetime: 2000, idleTokenLifetime: 1000 };
const pem =
  "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n-----END PUBLIC KEY-----";
const organization = { organizationId: "org_1", flows: ["client_credentials"] };
const backchannel = { backchannelLogoutUrls: ["https://a.test/out"] };

export const clientRows: readonly Row[] = [
  { property: "name", inputs: { name: "Mine" }, edit: { name: "Theirs" } },
  { property: "description", inputs: { description: "mine" }, edit: { description: "theirs" } },
  { property: "appType", inputs: { appType: "regular_web" }, edit: { app_type: "native" } },
  {
    property: "logoUri",
    inputs: { logoUri: "https://a.test/a.png" },
    edit: { logo_uri: "https://b.test/b.png" },
  },
  { property: "isFirstParty", inputs: { isFirstParty: true }, edit: { is_first_party: false } },
  {
    property: "isTokenEndpointIpHeaderTrusted",
    inputs: { isTokenEndpointIpHeaderTrusted: false },
    edit: { is_token_endpoint_ip_header_trusted: true },
  },
  {
    property: "oidcConformant",
    inputs: { oidcConformant: true },
    edit: { oidc_conformant: false },
  },
  {
    property: "callbacks",
    inputs: { callbacks: ["https://a.test/cb"] },
    edit: { callbacks: ["https://evil.test/cb"] },
  },
  {
    property: "allowedLogoutUrls",
    inputs: { allowedLogoutUrls: ["https://a.test"] },
    edit: { allowed_logout_urls: ["https://a.test", "https://b.test"] },
  },
  { property: "clientAliases", inputs: { clientAliases: ["a"] }, edit: { client_aliases: ["b"] } },
  {
    property: "allowedClients",
    inputs: { allowedClients: ["a"] },
    edit: { allowed_clients: ["b"] },
  },
  {
    property: "allowedOrigins",
    inputs: { allowedOrigins: ["https://a.test"] },
    edit: { allowed_origins: ["https://b.test"] },
  },
  { property: "webOrigins", inputs: { webOrigins: ["https://a.test"] }, edit: { web_origins: [] } },
  {
    property: "grantTypes",
    inputs: { grantTypes: ["authorization_code", "refresh_token"] },
    edit: { grant_types: ["authorization_code"] },
  },
  {
    property: "jwtConfiguration.alg",
    inputs: { jwtConfiguration: { alg: "RS256" } },
    edit: { jwt_configuration: { alg: "HS256" } },
  },
  {
    property: "jwtConfiguration.lifetimeInSeconds",
    inputs: { jwtConfiguration: { alg: "RS256", lifetimeInSeconds: 600 } },
    edit: { jwt_configuration: { lifetime_in_seconds: 36000 } },
  },
  {
    property: "jwtConfiguration.scopes",
    inputs: { jwtConfiguration: { alg: "RS256", scopes: { a: "b" } } },
    edit: { jwt_configuration: { scopes: { a: "c" } } },
  },
  {
    property: "jwtConfiguration.secretEncoded",
    inputs: { jwtConfiguration: { alg: "RS256", secretEncoded: false } },
    edit: { jwt_configuration: { secret_encoded: true } },
    replaces: true,
  },
  {
    property: "thirdPartySecurityMode",
    inputs: { isFirstParty: false, thirdPartySecurityMode: "strict" },
    edit: { third_party_security_mode: "permissive" },
  },
  {
    property: "redirectionPolicy",
    inputs: { isFirstParty: false, redirectionPolicy: "open_redirect_protection" },
    edit: { redirection_policy: "allow_always" },
  },
  {
    property: "defaultOrganization.organizationId",
    inputs: { defaultOrganization: organization },
    edit: { default_organization: { organization_id: "org_2" } },
  },
  {
    property: "defaultOrganization.flows",
    inputs: { defaultOrganization: organization },
    edit: { default_organization: { flows: [] } },
  },
  {
    property: "defaultOrganization.disable",
    inputs: { defaultOrganization: { disable: true } },
    edit: { default_organization: { organization_id: "org_1", flows: ["client_credentials"] } },
  },
  {
    property: "encryptionKey",
    inputs: { encryptionKey: { pub: pem, cert: pem, subject: "a" } },
    edit: { encryption_key: { subject: "b" } },
  },
  { property: "sso", inputs: { sso: true }, edit: { sso: false } },
  { property: "ssoDisabled", inputs: { ssoDisabled: true }, edit: { sso_disabled: false } },
  {
    property: "crossOriginAuth",
    inputs: { crossOriginAuth: true },
    edit: { cross_origin_authentication: false },
  },
  {
    property: "crossOriginLoc",
    inputs: { crossOriginLoc: "https://a.test/x" },
    edit: { cross_origin_loc: "https://b.test/x" },
  },
  {
    property: "customLoginPageOn",
    inputs: { customLoginPageOn: true },
    edit: { custom_login_page_on: false },
  },
  {
    property: "customLoginPage",
    inputs: { customLoginPage: "<a>" },
    edit: { custom_login_page: "<b>" },
  },
  { property: "formTemplate", inputs: { formTemplate: "<a>" }, edit: { form_template: "<b>" } },
  {
    property: "clientMetadata",
    inputs: { clientMetadata: { tvk_stack: "a", tvk_urn: "b" } },
    edit: { client_metadata: { tvk_stack: null, other: "c" } },
  },
  {
    property: "mobile.android.appPackageName",
    inputs: { mobile: { android: { appPackageName: "a.a", sha256CertFingerprints: ["AA"] } } },
    edit: { mobile: { android: { app_package_name: "b.b" } } },
  },
  {
    property: "mobile.android.sha256CertFingerprints",
    inputs: { mobile: { android: { appPackageName: "a.a", sha256CertFingerprints: ["AA"] } } },
    edit: { mobile: { android: { sha256_cert_fingerprints: ["BB"] } } },
  },
  {
    property: "mobile.ios.teamId",
    inputs: { mobile: { ios: { teamId: "ABCDE12345", appBundleIdentifier: "a.a" } } },
    edit: { mobile: { ios: { team_id: "ZBCDE12345" } } },
  },
  {
    property: "mobile.ios.appBundleIdentifier",
    inputs: { mobile: { ios: { teamId: "ABCDE12345", appBundleIdentifier: "a.a" } } },
    edit: { mobile: { ios: { app_bundle_identifier: "b.b" } } },
  },
  {
    property: "initiateLoginUri",
    inputs: { initiateLoginUri: "https://a.test/login" },
    edit: { initiate_login_uri: "https://b.test/login" },
  },
  ...["apple", "facebook", "google"].map((provider) => ({
    property: `nativeSocialLogin.${provider}.enabled`,
    inputs: { nativeSocialLogin: { [provider]: { enabled: false } } },
    edit: { native_social_login: { [provider]: { enabled: true } } },
  })),
  {
    property: "refreshToken.rotationType",
    inputs: { refreshToken: { ...rotation, rotationType: "non-rotating" } },
    edit: { refresh_token: { rotation_type: "rotating" } },
  },
  {
    property: "refreshToken.expirationType",
    inputs: {
      refreshToken: { ...rotation, rotationType: "non-rotating", expirationType: "non-expiring" },
    },
    edit: {
      refresh_token: {
        expiration_type: "expiring",
        infinite_token_lifetime: false,
        infinite_idle_token_lifetime: false,
        token_lifetime: 2000,
        idle_token_lifetime: 1000,
      },
    },
  },
  {
    property: "refreshToken.leeway",
    inputs: { refreshToken: { ...tokens, leeway: 3 } },
    edit: { refresh_token: { leeway: 9 } },
  },
  {
    property: "refreshToken.tokenLifetime",
    inputs: { refreshToken: tokens },
    edit: { refresh_token: { token_lifetime: 5000 } },
  },
  {
    property: "refreshToken.idleTokenLifetime",
    inputs: { refreshToken: tokens },
    edit: { refresh_token: { idle_token_lifetime: 1500 } },
  },
  {
    property: "refreshToken.infiniteTokenLifetime",
    inputs: { refreshToken: { ...tokens, infiniteTokenLifetime: false } },
    edit: { refresh_token: { infinite_token_lifetime: true } },
  },
  {
    property: "refreshToken.infiniteIdleTokenLifetime",
    inputs: { refreshToken: { ...tokens, infiniteIdleTokenLifetime: false } },
    edit: { refresh_token: { infinite_idle_token_lifetime: true, infinite_token_lifetime: true } },
  },
  {
    property: "refreshToken.policies",
    inputs: {
      refreshToken: {
        rotationType: "non-rotating",
        expirationType: "non-expiring",
        policies: [{ audience: "https://api.test/", scopes: ["a", "b"] }],
      },
    },
    edit: { refresh_token: { policies: [{ audience: "https://api.test/", scope: ["a"] }] } },
  },
  {
    property: "organizationUsage",
    inputs: { organizationUsage: "allow" },
    edit: { organization_usage: "deny" },
  },
  {
    property: "organizationRequireBehavior",
    inputs: { organizationUsage: "require", organizationRequireBehavior: "pre_login_prompt" },
    edit: { organization_require_behavior: "post_login_prompt" },
  },
  {
    property: "organizationDiscoveryMethods",
    inputs: { organizationDiscoveryMethods: ["email"] },
    edit: { organization_discovery_methods: ["organization_name"] },
  },
  {
    property: "asyncApprovalNotificationChannels",
    inputs: { asyncApprovalNotificationChannels: ["email"] },
    edit: { async_approval_notification_channels: ["guardian-push"] },
  },
  {
    property: "requirePushedAuthorizationRequests",
    inputs: { requirePushedAuthorizationRequests: false },
    edit: { require_pushed_authorization_requests: true },
  },
  {
    property: "requireProofOfPossession",
    inputs: { requireProofOfPossession: false },
    edit: { require_proof_of_possession: true },
  },
  {
    property: "complianceLevel",
    inputs: { complianceLevel: "none" },
    edit: { compliance_level: "fapi1_adv_pkj_par" },
  },
  {
    property: "skipNonVerifiableCallbackUriConfirmationPrompt",
    inputs: { skipNonVerifiableCallbackUriConfirmationPrompt: "true" },
    edit: { skip_non_verifiable_callback_uri_confirmation_prompt: false },
  },
  {
    property: "oidcLogout.backchannelLogoutUrls",
    inputs: { oidcLogout: backchannel },
    edit: { oidc_logout: { backchannel_logout_urls: ["https://b.test/out"] } },
  },
  {
    property: "oidcLogout.backchannelLogoutInitiators.mode",
    inputs: {
      oidcLogout: {
        ...backchannel,
        backchannelLogoutInitiators: { mode: "custom", selectedInitiators: ["rp-logout"] },
      },
    },
    edit: {
      oidc_logout: { backchannel_logout_initiators: { mode: "all", selected_initiators: [] } },
    },
  },
  {
    property: "oidcLogout.backchannelLogoutInitiators.selectedInitiators",
    inputs: {
      oidcLogout: {
        ...backchannel,
        backchannelLogoutInitiators: { mode: "custom", selectedInitiators: ["rp-logout"] },
      },
    },
    edit: {
      oidc_logout: {
        backchannel_logout_initiators: { selected_initiators: ["rp-logout", "idp-logout"] },
      },
    },
  },
  {
    property: "oidcLogout.backchannelLogoutSessionMetadata.include",
    inputs: { oidcLogout: { ...backchannel, backchannelLogoutSessionMetadata: { include: true } } },
    edit: { oidc_logout: { backchannel_logout_session_metadata: { include: false } } },
  },
  ...sessionTransfer([
    ["canCreateSessionTransferToken", "can_create_session_transfer_token", true, false],
    ["allowedAuthenticationMethods", "allowed_authentication_methods", ["cookie"], ["query"]],
    ["enforceDeviceBinding", "enforce_device_binding", "ip", "none"],
    ["allowRefreshToken", "allow_refresh_token", true, false],
    ["enforceCascadeRevocation", "enforce_cascade_revocation", true, false],
    ["enforceOnlineRefreshTokens", "enforce_online_refresh_tokens", true, false],
  ]),
  {
    property: "sessionTransfer.delegation.allowDelegatedAccess",
    inputs: {
      sessionTransfer: { delegation: { allowDelegatedAccess: false, enforceDeviceBinding: "ip" } },
    },
    edit: { session_transfer: { delegation: { allow_delegated_access: true } } },
  },
  {
    property: "sessionTransfer.delegation.enforceDeviceBinding",
    inputs: {
      sessionTransfer: { delegation: { allowDelegatedAccess: true, enforceDeviceBinding: "ip" } },
    },
    edit: { session_transfer: { delegation: { enforce_device_binding: "asn" } } },
  },
  {
    property: "tokenExchange.allowAnyProfileOfTypes",
    inputs: { tokenExchange: { allowAnyProfileOfTypes: ["custom_authentication"] } },
    edit: { token_exchange: { allow_any_profile_of_type: ["on_behalf_of_token_exchange"] } },
  },
];

export const clientExceptions: readonly Exception[] = [
  {
    property: "resourceServerIdentifier",
    reason: "the API refuses a change; a new value is a new client",
  },
];

function sessionTransfer(
  rows: readonly (readonly [
    string,
    string,
    string | boolean | string[],
    string | boolean | string[],
  ])[],
): Row[] {
  return rows.map(([property, wire, mine, theirs]) => ({
    property: `sessionTransfer.${property}`,
    inputs: { sessionTransfer: { [property]: mine } },
    edit: { session_transfer: { [wire]: theirs } },
  }));
}
