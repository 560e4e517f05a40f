/** @module What requests may say about a connection. */
import { z } from "zod";
import { builtInOptions } from "../strategies/built-in.ts";
import { urlFormats } from "./url-formats.ts";
import { unique } from "./validate.ts";

/** What a connection may be; also the providers of identities. */
export const strategies = [
  ...["ad", "adfs", "amazon", "apple", "dropbox", "bitbucket", "auth0-oidc", "auth0", "baidu"],
  ...["bitly", "box", "custom", "daccount", "dwolla", "email", "evernote-sandbox", "evernote"],
  ...["exact", "facebook", "fitbit", "github", "google-apps", "google-oauth2", "instagram", "ip"],
  ...["line", "linkedin", "oauth1", "oauth2", "office365", "oidc", "okta", "paypal"],
  ...["paypal-sandbox", "pingfederate", "planningcenter", "salesforce-community"],
  ...["salesforce-sandbox", "salesforce", "samlp", "sharepoint", "shopify", "shop", "sms"],
  ...["soundcloud", "thirtysevensignals", "twitter", "untappd", "vkontakte", "waad", "weibo"],
  ...["windowslive", "wordpress", "yahoo", "yandex"],
] as const;

/** Auth0's authorize parameters that an upstream parameter may take its value from. */
const aliases = [
  ...["acr_values", "audience", "client_id", "display", "id_token_hint", "login_hint", "max_age"],
  ...["prompt", "resource", "response_mode", "response_type", "ui_locales"],
] as const;

const words = (count: number, maxValue: number, minValue = 1) =>
  z
    .record(z.string(), z.string().min(minValue).max(maxValue))
    .refine((map) => Object.keys(map).length <= count, {
      error: (issue) =>
        `Too many properties defined (${Object.keys(issue.input as object).length}), maximum ${count}`,
    });

/** Options of strategy `oauth2`; keys that are not named are kept as they are. */
const oauth2Options = z.looseObject({
  client_id: z.string().min(1).max(128).optional(),
  client_secret: z.string().max(1_024).nullish(),
  authorizationURL: urlFormats.webUrl().min(8).max(2_083).optional(),
  tokenURL: urlFormats.webUrl().max(255).optional(),
  scope: z.union([z.string().max(4_096), unique(z.string().max(189), { max: 20 })]).nullish(),
  scripts: z
    .strictObject({
      fetchUserProfile: z.string().max(51_200).optional(),
      getLogoutUrl: z.string().max(51_200).optional(),
    })
    .nullish(),
  icon_url: z
    .string()
    .min(8)
    .max(255)
    .regex(/^https:\/\/.*/)
    .nullish(),
  pkce_enabled: z.boolean().nullish(),
  upstream_params: z
    .record(
      z.string(),
      z.union([z.strictObject({ alias: z.enum(aliases) }), z.strictObject({ value: z.string() })]),
    )
    .nullish(),
  authParams: words(30, 256).nullish(),
  authParamsMap: words(21, 256).nullish(),
  fieldsMap: z.looseObject({}).nullish(),
  customHeaders: words(30, 1_024).nullish(),
  useOauthSpecScope: z.boolean().nullish(),
  set_user_root_attributes: z
    .enum(["on_each_login", "on_first_login", "never_on_login"])
    .optional(),
  non_persistent_attrs: unique(z.string().max(255), { max: 96 }).nullish(),
  strategy_version: z.int().optional(),
  logoutUrl: z.string().optional(),
});

/** Options of strategy `auth0`: the ones with an effect here; others are kept as they are. */
const databaseOptions = z.looseObject({
  passwordPolicy: z.enum(["none", "low", "fair", "good", "excellent"]).nullish(),
  disable_signup: z.boolean().optional(),
  requires_username: z.boolean().optional(),
  brute_force_protection: z.boolean().optional(),
  password_complexity_options: z
    .strictObject({ min_length: z.int().min(1).max(128).optional() })
    .nullish(),
});

/** The schema of `options`, by strategy. */
export function optionsSchema(strategy: string): z.ZodType<Record<string, unknown>> {
  if (strategy === "oauth2") return oauth2Options;
  const known = builtInOptions(strategy);
  if (known !== undefined) return known;
  return strategy === "auth0" ? databaseOptions : z.looseObject({});
}

const clientId = () => z.string().min(1).max(64);

/** Keys that create and update share, all optional. */
const common = {
  display_name: z.string().min(1).max(128).optional(),
  options: z.looseObject({}).nullish(),
  is_domain_connection: z.boolean().optional(),
  show_as_button: z.boolean().optional(),
  realms: z.array(z.string().min(1)).optional(),
  metadata: z
    .record(z.string().max(255), z.string().max(255).nullable())
    .refine((map) => Object.keys(map).length <= 10, {
      error: (issue) =>
        `Too many properties defined (${Object.keys(issue.input as object).length}), maximum 10`,
    })
    .optional(),
  authentication: z.strictObject({ active: z.boolean() }).optional(),
  connected_accounts: z
    .strictObject({ active: z.boolean(), cross_app_access: z.boolean().optional() })
    .optional(),
};

/** POST /connections. */
export const connectionCreate = z.strictObject({
  name: z
    .string()
    .max(128)
    .regex(/^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/),
  strategy: z.enum(strategies),
  ...common,
  enabled_clients: z.array(clientId()).optional(),
});

/** PATCH /connections/{id}: the name and the strategy are for ever. */
export const connectionUpdate = z
  .strictObject({ ...common, enabled_clients: z.array(clientId()).nullish() })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

/** PATCH /connections/{id}/clients. */
export const enabledClients = z
  .array(z.strictObject({ client_id: clientId(), status: z.boolean() }))
  .min(1)
  .max(50);

export type ConnectionCreate = z.infer<typeof connectionCreate>;
export type ConnectionUpdate = z.infer<typeof connectionUpdate>;

/** Fields with an effect at Auth0 that this tenant does not have. */
export const inertConnectionFields: readonly string[] = [
  ...[
    "strategy=oauth2|auth0|github|google-oauth2",
    "options.requires_username",
    "options.brute_force_protection",
  ],
  ...["connected_accounts.cross_app_access", "options.fieldsMap"],
  ...["options.scripts.getLogoutUrl", "options.logoutUrl", "options.customScripts"],
  ...[
    "options.enabledDatabaseCustomization",
    "options.import_mode",
    "options.gateway_authentication",
  ],
  ...["options.federated_connections_access_tokens.active", "options.password_history.enable"],
  ...["options.password_dictionary.enable", "options.password_no_personal_info.enable"],
  ...["options.attributes", "options.precedence", "options.authentication_methods.passkey.enabled"],
  ...["options.authentication_methods.email_otp.enabled", "options.password_options"],
  ...["options.realm_fallback", "options.enable_script_context", "options.configuration"],
  ...[
    "options.mfa.active=true",
    "options.validation",
    "options.disable_self_service_change_password",
  ],
  ...["options.authentication_methods.phone_otp.enabled", "options.token_endpoint_auth_method"],
];
