/**
 * @module The table of auth0:index/connection:Connection: where users of the tenant come from.
 *
 * The options of a connection depend on its strategy. This plugin writes those of `oauth2` (custom providers),
 * `google-oauth2`, `github` and `auth0` (databases); every other option is in the outputs with its empty value, as the official
 * provider writes it.
 */

import { unwrittenOptions } from "./connection-options.ts";
import {
  block,
  type Field,
  type Fields,
  flag,
  number,
  text,
  textMap,
  textSet,
  texts,
} from "./field.ts";

/** Auth0's rule for a connection's name. */
const namePattern = /^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/;

const enable: Fields = { enable: flag() };
const enabled = block({ enabled: flag({ computed: true }) }, { computed: true });

/** Options that both strategies have. */
const common: Fields = {
  setUserRootAttributes: text({
    computed: true,
    choices: ["on_each_login", "on_first_login", "never_on_login"],
  }),
  nonPersistentAttrs: textSet({
    wire: "non_persistent_attrs",
    computed: true,
    max: 96,
    itemMax: 255,
  }),
  strategyVersion: number({ computed: true }),
  upstreamParams: { kind: "json", wire: "upstream_params" },
};

const oauth2: Fields = {
  ...common,
  clientId: text({ min: 1, max: 128 }),
  clientSecret: text({ secret: true, max: 1024 }),
  authorizationEndpoint: text({ wire: "authorizationURL", computed: true, min: 8, max: 2083 }),
  tokenEndpoint: text({ wire: "tokenURL", computed: true, max: 255 }),
  scopes: textSet({ wire: "scope", computed: true, max: 20, itemMax: 189 }),
  scripts: textMap({ itemMax: 51_200, choices: ["fetchUserProfile", "getLogoutUrl"] }),
  iconUrl: text({
    max: 255,
    pattern: { test: /^(https:\/\/.*)?$/s, says: "must start with https://" },
  }),
  pkceEnabled: flag(),
  customHeaders: {
    kind: "pairs",
    wire: "customHeaders",
    max: 30,
    fields: {
      header: text({ required: true }),
      value: text({ required: true, min: 1, max: 1024 }),
    },
  },
  useOauthSpecScope: flag({ wire: "useOauthSpecScope" }),
  email: flag({ computed: true }),
};

/**
 * The official plugin turns each scope into a flag of its own (`calendar: true`), and Auth0 answers with both
 * the flags and the list. This one sends the list, which the Management API takes as well; either reads the
 * same `scopes` back (by schema, not run against Auth0).
 */
const social: Fields = {
  ...common,
  clientId: text({ min: 1, max: 256 }),
  clientSecret: text({ secret: true, max: 1024 }),
  scopes: textSet({ wire: "scope", computed: true }),
};

const google: Fields = {
  ...social,
  allowedAudiences: textSet({ wire: "allowed_audiences", computed: true }),
  iconUrl: oauth2["iconUrl"] as Field,
};

const database: Fields = {
  ...common,
  passwordPolicy: text({
    wire: "passwordPolicy",
    computed: true,
    choices: ["none", "low", "fair", "good", "excellent"],
  }),
  enableScriptContext: flag({ wire: "enable_script_context" }),
  enabledDatabaseCustomization: flag({ wire: "enabledDatabaseCustomization" }),
  bruteForceProtection: flag({ computed: true }),
  importMode: flag(),
  disableSignup: flag(),
  disableSelfServiceChangePassword: flag(),
  requiresUsername: flag(),
  realmFallback: flag({ wire: "realm_fallback" }),
  customScripts: textMap({ wire: "customScripts" }),
  configuration: textMap({ secret: true, writeOnly: true }),
  passwordHistories: {
    kind: "single",
    wire: "password_history",
    computed: true,
    max: 1,
    fields: { ...enable, size: number({ min: 0, max: 24 }) },
  },
  passwordNoPersonalInfo: block(enable, { wire: "password_no_personal_info", computed: true }),
  passwordDictionary: block(
    { ...enable, dictionaries: textSet({ wire: "dictionary" }) },
    { computed: true },
  ),
  passwordComplexityOptions: block({ minLength: number({ min: 1 }) }, { computed: true }),
  mfa: block({ active: flag(), returnEnrollSettings: flag() }, { computed: true }),
  validation: block({
    username: block({ min: number({ min: 1 }), max: number({ min: 1 }) }),
  }),
  authenticationMethods: {
    kind: "single",
    computed: true,
    max: 1,
    fields: {
      passkey: enabled,
      password: block(
        {
          enabled: flag({ computed: true }),
          apiBehavior: text({ computed: true, choices: ["required", "optional"] }),
          signupBehavior: text({ computed: true, choices: ["allow", "block"] }),
        },
        { computed: true },
      ),
      emailOtp: enabled,
      phoneOtp: enabled,
    },
  },
  passkeyOptions: block(
    {
      challengeUi: text({ computed: true, choices: ["both", "autofill", "button"] }),
      localEnrollmentEnabled: flag({ computed: true }),
      progressiveEnrollmentEnabled: flag({ computed: true }),
    },
    { computed: true },
  ),
};

const active: Fields = { active: flag({ required: true }) };

const written: { readonly [strategy: string]: Fields } = {
  oauth2,
  "google-oauth2": google,
  github: social,
  auth0: database,
};

/** Strategies that this plugin creates and updates. */
export const strategies = Object.keys(written);

/** The table for one strategy. One that is not known (yet) has the options of all. */
export function connectionFields(strategy: string): Fields {
  const own = Object.hasOwn(written, strategy)
    ? written[strategy]
    : { ...google, ...database, ...oauth2 };
  const options: Field = block({ ...unwrittenOptions, ...own }, { computed: true });
  return {
    name: text({
      required: true,
      replaces: true,
      max: 128,
      pattern: {
        test: namePattern,
        says: "must hold letters, digits and single dashes only, and start and end with a letter or digit",
      },
    }),
    strategy: text({ required: true, replaces: true }),
    displayName: text({ computed: true, max: 128 }),
    isDomainConnection: flag({ computed: true }),
    metadata: textMap({ max: 10, itemMax: 255 }),
    realms: texts({ computed: true }),
    // Off where nobody has set it, says Auth0's API description.
    showAsButton: flag({ absent: null, clear: false }),
    options,
    authentication: block(active, { computed: true }),
    connectedAccounts: block(active, { computed: true }),
  };
}
