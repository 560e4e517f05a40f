/**
 * @module The table of auth0:index/client:Client: a client (application) of the tenant.
 *
 * Limits are those of Auth0's published API description; which properties the tenant owns was observed with
 * the official provider 3.49.0.
 */

import {
  block,
  type Fields,
  flag,
  number,
  text,
  textMap,
  textSet,
  texts,
  unsupported,
} from "./field.ts";

const enabled: Fields = { enabled: flag() };

const refreshToken: Fields = {
  rotationType: text({ required: true, choices: ["rotating", "non-rotating"] }),
  expirationType: text({ required: true, choices: ["expiring", "non-expiring"] }),
  leeway: number({ computed: true, min: 0 }),
  tokenLifetime: number({ computed: true, min: 1, max: 157_788_000 }),
  infiniteTokenLifetime: flag({ computed: true }),
  infiniteIdleTokenLifetime: flag({ computed: true }),
  idleTokenLifetime: number({ computed: true, min: 1 }),
  policies: {
    kind: "blockSet",
    fields: {
      audience: text({ required: true, min: 1, max: 600 }),
      scopes: texts({ wire: "scope", required: true, itemMax: 280 }),
    },
  },
};

const jwtConfiguration: Fields = {
  alg: text({ choices: ["HS256", "RS256", "PS256"] }),
  lifetimeInSeconds: number({ computed: true, min: 0, max: 2_592_000 }),
  scopes: textMap(),
  secretEncoded: flag({ computed: true, replaces: true }),
};

const mobile: Fields = {
  android: block(
    {
      appPackageName: text(),
      sha256CertFingerprints: texts({ wire: "sha256_cert_fingerprints" }),
    },
    { computed: true },
  ),
  ios: block({ teamId: text(), appBundleIdentifier: text() }, { computed: true }),
};

const oidcLogout: Fields = {
  backchannelLogoutUrls: textSet({ required: true }),
  backchannelLogoutInitiators: block({
    mode: text({ required: true, choices: ["all", "custom"] }),
    selectedInitiators: textSet(),
  }),
  backchannelLogoutSessionMetadata: block({ include: flag({ required: true }) }),
};

const sessionTransfer: Fields = {
  canCreateSessionTransferToken: flag({ computed: true }),
  allowedAuthenticationMethods: textSet({ computed: true, choices: ["cookie", "query"] }),
  enforceDeviceBinding: text({ computed: true, choices: ["ip", "asn", "none"] }),
  allowRefreshToken: flag({ computed: true }),
  enforceCascadeRevocation: flag({ computed: true }),
  enforceOnlineRefreshTokens: flag({ computed: true }),
  delegation: block({
    allowDelegatedAccess: flag({ computed: true }),
    enforceDeviceBinding: text({ computed: true, choices: ["ip", "asn"] }),
  }),
};

/** Kinds of application that Auth0's API takes. */
const appTypes =
  "native spa regular_web non_interactive resource_server express_configuration rms box cloudbees concur dropbox mscrm echosign egnyte newrelic office365 salesforce sentry sharepoint slack springcm zendesk zoom sso_integration oag".split(
    " ",
  );

export const clientFields: Fields = {
  name: text({
    required: true,
    pattern: { test: /^[^<>]+$/, says: "must not be empty or hold < or >" },
  }),
  description: text({ max: 140 }),
  clientId: text({ readOnly: true }),
  externalClientId: text({ readOnly: true }),
  externalMetadataType: text({ readOnly: true }),
  externalMetadataCreatedBy: text({ readOnly: true }),
  jwksUri: text({ readOnly: true }),
  appType: text({ lasting: true, choices: appTypes }),
  logoUri: text(),
  isFirstParty: flag({ computed: true }),
  thirdPartySecurityMode: text({ computed: true, choices: ["strict", "permissive"] }),
  redirectionPolicy: text({
    computed: true,
    choices: ["allow_always", "open_redirect_protection"],
  }),
  isTokenEndpointIpHeaderTrusted: flag({ computed: true }),
  oidcConformant: flag({ computed: true }),
  callbacks: texts({ computed: true }),
  allowedLogoutUrls: texts(),
  // Auth0 took it over into oidcLogout.
  oidcBackchannelLogoutUrls: unsupported([]),
  clientAliases: texts(),
  allowedClients: texts(),
  allowedOrigins: texts(),
  webOrigins: texts(),
  grantTypes: texts({ computed: true }),
  jwtConfiguration: block(jwtConfiguration, { computed: true }),
  encryptionKey: textMap({ absent: null, clear: null }),
  sso: flag(),
  ssoDisabled: flag(),
  crossOriginAuth: flag({ wire: "cross_origin_authentication" }),
  crossOriginLoc: text({ clear: null }),
  customLoginPageOn: flag({ computed: true }),
  customLoginPage: text({ lasting: true }),
  formTemplate: text({ lasting: true }),
  clientMetadata: textMap({ max: 10, itemMax: 255 }),
  mobile: block(mobile, { computed: true }),
  initiateLoginUri: text(),
  nativeSocialLogin: block(
    {
      apple: block(enabled, { computed: true }),
      facebook: block(enabled, { computed: true }),
      google: block(enabled, { computed: true }),
    },
    { computed: true },
  ),
  refreshToken: block(refreshToken, { computed: true }),
  defaultOrganization: block(
    {
      disable: flag({ computed: true }),
      flows: texts({ computed: true, choices: ["client_credentials"] }),
      organizationId: text({ computed: true }),
    },
    { computed: true, absent: { disable: true, flows: [], organizationId: "" } },
  ),
  organizationUsage: text({ computed: true, choices: ["deny", "allow", "require"] }),
  organizationRequireBehavior: text({
    computed: true,
    choices: ["no_prompt", "pre_login_prompt", "post_login_prompt"],
  }),
  organizationDiscoveryMethods: texts({ choices: ["email", "organization_name"], clear: null }),
  asyncApprovalNotificationChannels: texts({ choices: ["guardian-push", "email"], clear: null }),
  requirePushedAuthorizationRequests: flag(),
  requireProofOfPossession: flag(),
  complianceLevel: text({
    choices: [
      "none",
      "fapi1_adv_pkj_par",
      "fapi1_adv_mtls_par",
      "fapi2_sp_pkj_mtls",
      "fapi2_sp_mtls_mtls",
    ],
    clear: null,
  }),
  skipNonVerifiableCallbackUriConfirmationPrompt: {
    kind: "tristate",
    choices: ["true", "false", "null"],
    computed: true,
    absent: "null",
  },
  oidcLogout: block(oidcLogout, { clear: {} }),
  sessionTransfer: block(sessionTransfer, { clear: null }),
  tokenExchange: block(
    {
      allowAnyProfileOfTypes: texts({
        wire: "allow_any_profile_of_type",
        required: true,
        choices: ["custom_authentication", "on_behalf_of_token_exchange"],
      }),
    },
    { clear: null },
  ),
  resourceServerIdentifier: text({ replaces: true, min: 1, max: 600 }),
  signingKeys: { kind: "raw", readOnly: true, secret: true, absent: [] },
  addons: unsupported(null),
  expressConfiguration: unsupported(null),
  fedcmLogin: unsupported(null),
  myOrganizationConfiguration: unsupported(null),
  tokenQuota: unsupported(null),
};
