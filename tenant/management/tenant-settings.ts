/** @module /tenants/settings: settings of the tenant as a whole. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { urlFormats } from "./url-formats.ts";

const path = "/tenants/settings";
const settingsId = "tenant-settings";

/** What a new tenant has, as recorded; session lifetimes are hours. */
const defaultTenantSettings: Readonly<Record<string, unknown>> = {
  change_password: { enabled: false, html: "" },
  guardian_mfa_page: { enabled: false, html: "" },
  default_audience: "",
  default_directory: "",
  enabled_locales: ["en"],
  flags: {
    allow_changing_enable_sso: false,
    allow_legacy_delegation_grant_types: false,
    allow_legacy_ro_grant_types: false,
    disable_impersonation: true,
    enable_dynamic_client_registration: false,
    enable_sso: true,
    revoke_refresh_token_grant: false,
    disable_clickjack_protection_headers: false,
  },
  friendly_name: "",
  picture_url: "",
  support_email: "",
  support_url: "",
  allowed_logout_urls: [],
  session_lifetime: 168,
  idle_session_lifetime: 72,
  ephemeral_session_lifetime: 72,
  idle_ephemeral_session_lifetime: 24,
  sandbox_version: "22",
  sandbox_versions_available: ["22", "18"],
  oidc_logout: { rp_logout_end_session_endpoint_discovery: true },
  resource_parameter_profile: "audience",
  client_id_metadata_document_supported: false,
  dynamic_client_registration_security_mode: "strict",
  phone_consolidated_experience: true,
};

const flag = () => z.boolean().nullish();
const page = () =>
  z.strictObject({ enabled: z.boolean().optional(), html: z.string().optional() }).nullish();
const hours = () => z.int().min(1).optional();
const minutes = () => z.int().min(1).optional();
const loose = () => z.looseObject({}).nullish();

/** PATCH /tenants/settings. */
export const tenantSettingsUpdate = z
  .strictObject({
    change_password: page(),
    guardian_mfa_page: page(),
    error_page: z
      .strictObject({
        html: z.string().optional(),
        show_log_link: z.boolean().optional(),
        url: urlFormats.absoluteUriOrEmpty().optional(),
      })
      .nullish(),
    device_flow: loose(),
    default_audience: z.string().optional(),
    default_directory: z.string().optional(),
    default_token_quota: loose(),
    flags: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.boolean()).optional(),
    friendly_name: z.string().optional(),
    picture_url: urlFormats.absoluteUriOrEmpty().optional(),
    support_email: z.string().optional(),
    support_url: urlFormats.absoluteUriOrEmpty().optional(),
    allowed_logout_urls: z.array(urlFormats.urlWithPlaceholders()).optional(),
    session_lifetime: hours(),
    idle_session_lifetime: hours(),
    ephemeral_session_lifetime: hours(),
    idle_ephemeral_session_lifetime: hours(),
    session_lifetime_in_minutes: minutes(),
    idle_session_lifetime_in_minutes: minutes(),
    ephemeral_session_lifetime_in_minutes: minutes(),
    idle_ephemeral_session_lifetime_in_minutes: minutes(),
    sandbox_version: z.string().max(8).optional(),
    legacy_sandbox_version: z.string().max(8).optional(),
    default_redirection_uri: urlFormats.absoluteHttpsUriOrEmpty().optional(),
    enabled_locales: z
      .array(z.string().regex(/^[a-z]{2,3}(-[A-Z0-9]{2,3})?$/))
      .min(1)
      .optional(),
    session_cookie: z.strictObject({ mode: z.enum(["persistent", "non-persistent"]) }).nullish(),
    sessions: z.strictObject({ oidc_logout_prompt_enabled: z.boolean().optional() }).nullish(),
    oidc_logout: z
      .strictObject({ rp_logout_end_session_endpoint_discovery: z.boolean().optional() })
      .optional(),
    customize_mfa_in_postlogin_action: flag(),
    allow_organization_name_in_authentication_api: flag(),
    acr_values_supported: z.array(z.string()).nullish(),
    mtls: z.strictObject({ enable_endpoint_aliases: z.boolean().optional() }).nullish(),
    pushed_authorization_requests_supported: flag(),
    authorization_response_iss_parameter_supported: flag(),
    skip_non_verifiable_callback_uri_confirmation_prompt: flag(),
    resource_parameter_profile: z.enum(["audience", "compatibility"]).optional(),
    client_id_metadata_document_supported: z.boolean().optional(),
    enable_ai_guide: z.boolean().optional(),
    phone_consolidated_experience: z.boolean().optional(),
    dynamic_client_registration_security_mode: z.enum(["strict", "permissive"]).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

/** Settings with an effect at Auth0 that this tenant does not have. */
const inert = [
  ...["change_password.enabled", "guardian_mfa_page.enabled", "error_page.url", "error_page.html"],
  ...["device_flow", "default_token_quota", "sandbox_version=22", "session_cookie", "mtls"],
  ...["default_redirection_uri", "pushed_authorization_requests_supported"],
  ...["authorization_response_iss_parameter_supported", "acr_values_supported"],
  ...["default_directory", "enabled_locales=en", "picture_url", "support_email", "support_url"],
  ...["ephemeral_session_lifetime", "idle_ephemeral_session_lifetime", "sessions"],
  ...["ephemeral_session_lifetime_in_minutes", "idle_ephemeral_session_lifetime_in_minutes"],
  ...["client_id_metadata_document_supported", "flags.enable_dynamic_client_registration"],
  ...["allow_organization_name_in_authentication_api", "resource_parameter_profile=audience"],
];

/** The settings that are in force. */
function tenantSettings(tenant: TenantContext): Record<string, unknown> {
  return { ...defaultTenantSettings, ...tenant.store.settings.get(settingsId) };
}

/**
 * Lifetimes in minutes become hours, with a fraction, as they are kept and answered. The published description
 * has hours alone; auth0-deploy-cli writes minutes, so Auth0 takes them. Minutes win over hours (inferred).
 */
function inHours(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(body);
  const suffix = "_in_minutes";
  const written = entries.filter(([name]) => name.endsWith(suffix));
  return {
    ...Object.fromEntries(entries.filter(([name]) => !name.endsWith(suffix))),
    ...Object.fromEntries(
      written.map(([name, value]) => [name.slice(0, -suffix.length), Number(value) / 60]),
    ),
  };
}

export function tenantSettingsEndpoints(tenant: TenantContext): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path,
      scopes: ["read:tenant_settings"],
      query: z.object(fieldsParameters()),
      answer: ({ query }) => ({ status: 200, body: selectFields(tenantSettings(tenant), query) }),
    }),
    endpoint({
      method: "PATCH",
      path,
      scopes: ["update:tenant_settings"],
      body: tenantSettingsUpdate,
      inert,
      logged: "Update tenant settings",
      answer({ body }) {
        const current = tenantSettings(tenant);
        const flags = { ...(current["flags"] as object), ...body.flags };
        tenant.store.settings.put(settingsId, { ...current, ...inHours(body), flags });
        return { status: 200, body: tenantSettings(tenant) };
      },
    }),
  ];
}
