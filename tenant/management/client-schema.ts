/** @module What requests may say about a client: the OpenAPI document's closed schemas. */
import { z } from "zod";
import { credentialInput } from "./client-credential-schema.ts";
import { isUrlTemplate, urlFormats } from "./url-formats.ts";
import { format } from "./validate.ts";

const { absoluteUriOrEmpty, absoluteHttpsUriOrEmpty, callbackUrl, urlWithPlaceholders } =
  urlFormats;

const appTypes = [
  ...["native", "spa", "regular_web", "non_interactive", "resource_server"],
  ...["express_configuration", "rms", "box", "cloudbees", "concur", "dropbox", "mscrm"],
  ...["echosign", "egnyte", "newrelic", "office365", "salesforce", "sentry", "sharepoint"],
  ...["slack", "springcm", "zendesk", "zoom", "sso_integration", "oag"],
] as const;

const refreshToken = z.strictObject({
  rotation_type: z.enum(["rotating", "non-rotating"]),
  expiration_type: z.enum(["expiring", "non-expiring"]),
  leeway: z.int().min(0).optional(),
  token_lifetime: z.int().min(1).max(157_788_000).optional(),
  infinite_token_lifetime: z.boolean().optional(),
  idle_token_lifetime: z.int().min(1).optional(),
  infinite_idle_token_lifetime: z.boolean().optional(),
  policies: z
    .array(
      z.strictObject({
        audience: z.string().min(1).max(600),
        scope: z.array(z.string().min(1).max(280)),
      }),
    )
    .min(1)
    .nullish(),
});

const jwtConfiguration = z.looseObject({
  lifetime_in_seconds: z.int().optional(),
  secret_encoded: z.boolean().optional(),
  scopes: z.looseObject({}).optional(),
  alg: z.enum(["HS256", "RS256", "RS512", "PS256"]).optional(),
});

const quota = z.strictObject({
  client_credentials: z.strictObject({
    enforce: z.boolean().optional(),
    per_day: z.int().min(1).max(2_147_483_647).optional(),
    per_hour: z.int().min(1).max(2_147_483_647).optional(),
  }),
});

const loose = () => z.looseObject({});
const words = () => z.array(z.string().min(1));

/** Keys that create and update share, all optional. */
const common = {
  description: z.string().max(140).optional(),
  logo_uri: absoluteUriOrEmpty().optional(),
  callbacks: z.array(callbackUrl()).optional(),
  oidc_logout: loose().nullish(),
  oidc_backchannel_logout: loose().nullish(),
  session_transfer: loose().nullish(),
  allowed_origins: z.array(urlWithPlaceholders()).optional(),
  web_origins: z.array(urlWithPlaceholders()).optional(),
  client_aliases: words().optional(),
  allowed_clients: words().optional(),
  allowed_logout_urls: z.array(urlWithPlaceholders()).optional(),
  grant_types: words().optional(),
  is_token_endpoint_ip_header_trusted: z.boolean().optional(),
  app_type: z.enum(appTypes).optional(),
  is_first_party: z.boolean().optional(),
  oidc_conformant: z.boolean().optional(),
  jwt_configuration: jwtConfiguration.optional(),
  encryption_key: loose().nullish(),
  sso: z.boolean().optional(),
  cross_origin_authentication: z.boolean().optional(),
  cross_origin_loc: format("url", isUrlTemplate).nullish(),
  sso_disabled: z.boolean().optional(),
  custom_login_page_on: z.boolean().optional(),
  custom_login_page: z.string().min(1).optional(),
  custom_login_page_preview: z.string().min(1).optional(),
  form_template: z.string().min(1).optional(),
  addons: loose().nullish(),
  client_metadata: z.record(z.string().max(255), z.string().max(255).nullable()).optional(),
  mobile: loose().nullish(),
  initiate_login_uri: absoluteHttpsUriOrEmpty().optional(),
  native_social_login: loose().nullish(),
  refresh_token: refreshToken.nullish(),
  default_organization: loose().nullish(),
  organization_usage: z.enum(["deny", "allow", "require"]).nullish(),
  organization_require_behavior: z
    .enum(["no_prompt", "pre_login_prompt", "post_login_prompt"])
    .nullish(),
  organization_discovery_methods: z
    .array(z.enum(["email", "organization_name"]))
    .min(1)
    .nullish(),
  require_pushed_authorization_requests: z.boolean().optional(),
  require_proof_of_possession: z.boolean().optional(),
  signed_request_object: loose().optional(),
  compliance_level: z
    .enum([
      "none",
      "fapi1_adv_pkj_par",
      "fapi1_adv_mtls_par",
      "fapi2_sp_pkj_mtls",
      "fapi2_sp_mtls_mtls",
    ])
    .nullish(),
  skip_non_verifiable_callback_uri_confirmation_prompt: z.boolean().nullish(),
  token_exchange: z
    .strictObject({
      allow_any_profile_of_type: z
        .array(z.enum(["custom_authentication", "on_behalf_of_token_exchange"]))
        .optional(),
    })
    .nullish(),
  par_request_expiry: z.int().min(10).max(600).nullish(),
  token_quota: quota.nullish(),
  third_party_security_mode: z.enum(["strict", "permissive"]).optional(),
  redirection_policy: z.enum(["allow_always", "open_redirect_protection"]).optional(),
  express_configuration: loose().nullish(),
  my_organization_configuration: loose().nullish(),
  async_approval_notification_channels: z
    .array(z.enum(["guardian-push", "email"]))
    .min(1)
    .nullish(),
  token_vault_privileged_access: loose().nullish(),
};

const authMethod = z.enum(["none", "client_secret_post", "client_secret_basic"]);
const name = z.string().regex(/^[^<>]+$/);

/** POST /clients. The secret can't be chosen here, only by an update. */
export const clientCreate = z.strictObject({
  name,
  ...common,
  token_endpoint_auth_method: authMethod.optional(),
  resource_server_identifier: z.string().min(1).max(600).optional(),
  client_authentication_methods: z
    .strictObject({
      private_key_jwt: z.strictObject({ credentials: z.array(credentialInput).max(2) }).optional(),
      tls_client_auth: loose().optional(),
      self_signed_tls_client_auth: loose().optional(),
    })
    .optional(),
});

const attached = z.strictObject({
  credentials: z.array(z.strictObject({ id: z.string().min(1) })).max(2),
});

/** PATCH /clients/{id}: at least one key; attaching a credential names one that exists. */
export const clientUpdate = z
  .strictObject({
    name: name.optional(),
    client_secret: z.string().min(1).optional(),
    ...common,
    token_endpoint_auth_method: authMethod.nullish(),
    client_authentication_methods: z
      .strictObject({
        private_key_jwt: attached.optional(),
        tls_client_auth: attached.optional(),
        self_signed_tls_client_auth: attached.optional(),
      })
      .nullish(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

export type ClientCreate = z.infer<typeof clientCreate>;
export type ClientUpdate = z.infer<typeof clientUpdate>;

/** Fields with an effect at Auth0 that this tenant does not have. */
export const inertClientFields: readonly string[] = [
  ...["oidc_logout", "oidc_backchannel_logout", "session_transfer", "allowed_clients"],
  ...["encryption_key", "cross_origin_authentication", "cross_origin_loc", "custom_login_page"],
  ...["custom_login_page_preview", "form_template", "addons", "mobile", "native_social_login"],
  ...["default_organization", "organization_usage=deny", "organization_discovery_methods"],
  ...["organization_require_behavior=no_prompt", "require_pushed_authorization_requests"],
  ...["require_proof_of_possession", "signed_request_object.required", "compliance_level=none"],
  ...["token_exchange.allow_any_profile_of_type", "par_request_expiry", "token_quota"],
  ...["third_party_security_mode", "redirection_policy", "express_configuration"],
  ...["my_organization_configuration", "async_approval_notification_channels"],
  ...["token_vault_privileged_access", "is_token_endpoint_ip_header_trusted"],
  ...[
    "jwt_configuration.alg=RS256|HS256",
    "jwt_configuration.scopes",
    "jwt_configuration.secret_encoded",
  ],
  ...["client_authentication_methods.tls_client_auth"],
  ...["client_authentication_methods.self_signed_tls_client_auth", "initiate_login_uri"],
  ...["logo_uri", "sso"],
  ...["web_origins", "allowed_origins"],
];
