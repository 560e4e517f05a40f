/** @module The drift table of auth0:index/connection:Connection, for both strategies. */
import { type PlainMap, type PropertyMap, Secret } from "../../engine/plugins/protocol/value.ts";
import type { Exception, Row } from "./row.ts";

export const oauth2Options: PropertyMap = {
  clientId: "tenant-at-provider",
  clientSecret: new Secret("hush-hush"),
  authorizationEndpoint: "http://localhost:3001/authorize",
  tokenEndpoint: "http://localhost:3001/token",
  scopes: ["openid", "read:tickets"],
  scripts: { fetchUserProfile: "function fetchUserProfile(token, context, done) {}" },
  pkceEnabled: true,
};

const top: readonly Row[] = [
  { property: "displayName", inputs: { displayName: "Mine" }, edit: { display_name: "Theirs" } },
  {
    property: "isDomainConnection",
    inputs: { isDomainConnection: false },
    edit: { is_domain_connection: true },
  },
  {
    property: "metadata",
    inputs: { metadata: { tvk_stack: "a", tvk_urn: "b" } },
    edit: { metadata: { tvk_urn: "another", more: "c" } },
  },
  { property: "showAsButton", inputs: { showAsButton: true }, edit: { show_as_button: false } },
  {
    property: "authentication.active",
    inputs: { authentication: { active: true } },
    edit: { authentication: { active: false } },
  },
];

function option(property: string, mine: PropertyMap, theirs: PlainMap): Row {
  return { property: `options.${property}`, inputs: { options: mine }, edit: { options: theirs } };
}

const common: readonly Row[] = [
  option(
    "setUserRootAttributes",
    { setUserRootAttributes: "on_first_login" },
    { set_user_root_attributes: "never_on_login" },
  ),
  option("nonPersistentAttrs", { nonPersistentAttrs: ["phone"] }, { non_persistent_attrs: [] }),
  option("strategyVersion", { strategyVersion: 2 }, { strategy_version: 1 }),
  option(
    "upstreamParams",
    { upstreamParams: '{"prompt":{"value":"consent"}}' },
    { upstream_params: { prompt: { value: "login" } } },
  ),
];

export const oauth2Rows: readonly Row[] = [
  ...top,
  { property: "realms", inputs: { realms: ["a"] }, edit: { realms: ["b"] } },
  {
    property: "connectedAccounts.active",
    inputs: { connectedAccounts: { active: true } },
    edit: { connected_accounts: { active: false } },
  },
  ...common,
  option("clientId", {}, { client_id: "another" }),
  option("clientSecret", {}, { client_secret: "another secret" }),
  option("authorizationEndpoint", {}, { authorizationURL: "https://evil.test/authorize" }),
  option("tokenEndpoint", {}, { tokenURL: "https://evil.test/token" }),
  option("scopes", {}, { scope: ["openid"] }),
  option(
    "scripts",
    {},
    { scripts: { fetchUserProfile: "function fetchUserProfile(t, c, done) { done(); }" } },
  ),
  option("iconUrl", { iconUrl: "https://a.test/a.png" }, { icon_url: "https://b.test/b.png" }),
  option("pkceEnabled", {}, { pkce_enabled: false }),
  option(
    "customHeaders",
    { customHeaders: [{ header: "X-A", value: "a" }] },
    { customHeaders: { "X-A": "b" } },
  ),
  option("useOauthSpecScope", { useOauthSpecScope: true }, { useOauthSpecScope: false }),
  option("email", { email: true }, { email: false }),
];

const passkey = {
  challengeUi: "both",
  localEnrollmentEnabled: true,
  progressiveEnrollmentEnabled: true,
};

export const databaseRows: readonly Row[] = [
  ...top,
  { property: "realms", inputs: { realms: ["c"] }, edit: { realms: ["d"] } },
  ...common,
  option("passwordPolicy", { passwordPolicy: "good" }, { passwordPolicy: "low" }),
  option("enableScriptContext", { enableScriptContext: true }, { enable_script_context: false }),
  option(
    "enabledDatabaseCustomization",
    { enabledDatabaseCustomization: true },
    { enabledDatabaseCustomization: false },
  ),
  option("bruteForceProtection", { bruteForceProtection: true }, { brute_force_protection: false }),
  option("importMode", { importMode: true }, { import_mode: false }),
  option("disableSignup", { disableSignup: true }, { disable_signup: false }),
  option(
    "disableSelfServiceChangePassword",
    { disableSelfServiceChangePassword: true },
    { disable_self_service_change_password: false },
  ),
  option("requiresUsername", { requiresUsername: true }, { requires_username: false }),
  option("realmFallback", { realmFallback: true }, { realm_fallback: false }),
  option(
    "customScripts",
    { customScripts: { login: "function login() {}" } },
    { customScripts: { login: "evil" } },
  ),
  option(
    "passwordHistories",
    { passwordHistories: [{ enable: true, size: 5 }] },
    { password_history: { enable: false, size: 5 } },
  ),
  option(
    "passwordNoPersonalInfo.enable",
    { passwordNoPersonalInfo: { enable: true } },
    { password_no_personal_info: { enable: false } },
  ),
  option(
    "passwordDictionary.enable",
    { passwordDictionary: { enable: true, dictionaries: ["acme"] } },
    { password_dictionary: { enable: false } },
  ),
  option(
    "passwordDictionary.dictionaries",
    { passwordDictionary: { enable: true, dictionaries: ["acme"] } },
    { password_dictionary: { dictionary: ["other"] } },
  ),
  option(
    "passwordComplexityOptions.minLength",
    { passwordComplexityOptions: { minLength: 12 } },
    { password_complexity_options: { min_length: 8 } },
  ),
  option(
    "mfa.active",
    { mfa: { active: true, returnEnrollSettings: true } },
    { mfa: { active: false } },
  ),
  option(
    "mfa.returnEnrollSettings",
    { mfa: { active: true, returnEnrollSettings: true } },
    { mfa: { return_enroll_settings: false } },
  ),
  option(
    "validation.username.min",
    { validation: { username: { min: 3, max: 20 } } },
    { validation: { username: { min: 1 } } },
  ),
  option(
    "validation.username.max",
    { validation: { username: { min: 3, max: 20 } } },
    { validation: { username: { max: 30 } } },
  ),
  option(
    "authenticationMethods",
    { authenticationMethods: [{ passkey: { enabled: false }, password: { enabled: true } }] },
    { authentication_methods: { passkey: { enabled: true } } },
  ),
  option(
    "passkeyOptions.challengeUi",
    { passkeyOptions: passkey },
    { passkey_options: { challenge_ui: "button" } },
  ),
  option(
    "passkeyOptions.localEnrollmentEnabled",
    { passkeyOptions: passkey },
    { passkey_options: { local_enrollment_enabled: false } },
  ),
  option(
    "passkeyOptions.progressiveEnrollmentEnabled",
    { passkeyOptions: passkey },
    { passkey_options: { progressive_enrollment_enabled: false } },
  ),
];

export const connectionExceptions: readonly Exception[] = [
  { property: "name", reason: "the API refuses a change; a new name is a new connection" },
  { property: "strategy", reason: "the API refuses a change; a new strategy is a new connection" },
];

export const databaseExceptions: readonly Exception[] = [
  ...connectionExceptions,
  {
    property: "connectedAccounts.active",
    reason: "the API refuses Connected Accounts for a database",
  },
  {
    property: "options.configuration",
    reason: "the API never answers it in the clear, so nobody can see that it was edited",
  },
];
