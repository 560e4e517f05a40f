/** @module The rows of an exported seed: what the tenant has to find in each, or its endpoints fail on it later. */
import { z } from "zod";
import { clientUpdate } from "../management/client-schema.ts";
import { connectionUpdate, optionsSchema, strategies } from "../management/connection-schema.ts";
import { promptsUpdate } from "../management/prompts.ts";
import { resourceServerUpdate } from "../management/resource-server-schema.ts";
import { tenantSettingsUpdate } from "../management/tenant-settings.ts";

type Row = z.ZodType<Record<string, unknown>>;

const text = () => z.string();
const id = () => z.string().min(1);
const words = () => z.array(z.string());
const moment = () => z.iso.datetime();
const seconds = () => z.number();
const hours = () => z.number().positive().optional();
const flag = () => z.boolean();

const credential = z.looseObject({
  ...{ id: id(), kid: text(), alg: text(), credential_type: text(), pem: text().optional() },
  ...{ name: text().optional(), created_at: moment(), updated_at: moment() },
  expires_at: moment().optional(),
});

/** What may be changed is held to the Management API's own rules, for the rest its type is enough. */
const client: Row = z.looseObject({
  ...clientUpdate.shape,
  client_id: id(),
  name: text(),
  tenant: text(),
  global: flag(),
  is_first_party: flag(),
  oidc_conformant: flag(),
  grant_types: words(),
  jwt_configuration: clientUpdate.shape.jwt_configuration.unwrap().extend({
    secret_encoded: flag(),
  }),
  refresh_token: clientUpdate.shape.refresh_token
    .unwrap()
    .unwrap()
    .required({
      ...{ leeway: true, token_lifetime: true, infinite_token_lifetime: true },
      ...{ idle_token_lifetime: true, infinite_idle_token_lifetime: true },
    }),
  client_metadata: z.record(text(), text()).optional(),
  credentials: z.array(credential).optional(),
  resource_server_identifier: text().optional(),
});

const connection: Row = z
  .looseObject({
    ...connectionUpdate.shape,
    id: id(),
    name: id(),
    strategy: id(),
    options: z.looseObject({}),
    is_domain_connection: flag(),
    authentication: z.strictObject({ active: flag() }),
    connected_accounts: z.looseObject({ active: flag() }),
    enabled_clients: words(),
    realms: words(),
    metadata: z.record(text(), text()).optional(),
  })
  .superRefine(({ strategy, options }, context) => {
    const { error } = optionsSchema(strategy).safeParse(options);
    for (const { path, message } of error?.issues ?? []) {
      context.addIssue({ code: "custom", path: ["options", ...path], message });
    }
  });

const api = resourceServerUpdate.shape;
const resourceServer: Row = z.looseObject({
  ...api,
  id: id(),
  identifier: id(),
  is_system: flag().optional(),
  signing_alg: api.signing_alg.unwrap(),
  allow_offline_access: flag(),
  skip_consent_for_verifiable_first_party_clients: flag(),
  token_lifetime: seconds(),
  token_lifetime_for_web: seconds(),
  subject_type_authorization: api.subject_type_authorization.unwrap().required(),
});

const clientGrant: Row = z.looseObject({
  id: id(),
  client_id: id(),
  audience: id(),
  scope: z.array(id()),
  subject_type: z.enum(["user", "client"]),
  allow_all_scopes: flag().nullish(),
  organization_usage: text().nullish(),
  allow_any_organization: flag().nullish(),
  authorization_details_types: words().optional(),
  is_system: flag().optional(),
});

const identity = z.looseObject({
  ...{ connection: text(), user_id: text(), provider: z.enum(strategies), isSocial: flag() },
  ...{ access_token: text().optional(), refresh_token: text().optional() },
  profileData: z.looseObject({}).optional(),
});

const user: Row = z.looseObject({
  user_id: id(),
  ...{ email: text().optional(), username: text().optional(), phone_number: text().optional() },
  ...{ name: text().optional(), nickname: text().optional(), picture: text().optional() },
  ...{ given_name: text().optional(), family_name: text().optional() },
  ...{ email_verified: flag().optional(), phone_verified: flag().optional() },
  blocked: flag().optional(),
  identities: z.array(identity).min(1),
  user_metadata: z.looseObject({}).optional(),
  app_metadata: z.looseObject({}).optional(),
  ...{ created_at: moment(), updated_at: moment(), last_login: moment().optional() },
  ...{ last_ip: text().optional(), logins_count: z.number().optional() },
  password_hash: text().optional(),
});

const connectedAccount: Row = z.looseObject({
  ...{ id: id(), user_id: id(), connection: id(), connection_id: id(), strategy: id() },
  ...{ idp_user_id: text(), access_type: z.literal("offline"), scopes: words() },
  ...{ created_at: moment(), expires_at: moment().optional() },
  ...{ access_token: text(), access_token_expires_at: seconds() },
  ...{ refresh_token: text(), token_scope: text() },
});

const refreshToken: Row = z.looseObject({
  ...{ id: id(), token_hash: id(), user_id: id(), client_id: id(), session_id: text() },
  ...{ audience: text().optional(), scope: text(), rotating: flag() },
  ...{ family_id: text().optional(), rotated_at: seconds().optional() },
  ...{ auth_time: seconds().optional(), created_at: seconds(), last_exchanged_at: seconds() },
  ...{ expires_at: seconds().optional(), idle_expires_at: seconds().optional() },
  refresh_token_metadata: z.looseObject({}).nullish(),
});

export const rows = {
  client,
  connection,
  resourceServer,
  clientGrant,
  user,
  connectedAccount,
  refreshToken,
};

/** Settings that are content: what was set, who consented, whose identities were linked. */
const kinds: readonly (readonly [id: RegExp, row: Row])[] = [
  [
    /^tenant-settings$/,
    z.strictObject({
      ...tenantSettingsUpdate.shape,
      // Kept with the settings, and not to be changed.
      sandbox_versions_available: words().optional(),
      // Lifetimes that came in minutes are kept as parts of hours.
      ...{ session_lifetime: hours(), idle_session_lifetime: hours() },
      ...{ ephemeral_session_lifetime: hours(), idle_ephemeral_session_lifetime: hours() },
    }),
  ],
  [
    /^prompts$/,
    z.strictObject({
      ...promptsUpdate.shape,
      ...{ identifier_first: flag().optional(), webauthn_platform_first_factor: flag().optional() },
    }),
  ],
  [
    /^consent:/,
    z.strictObject({
      ...{ consent: id(), user_id: id(), client_id: id(), audience: text(), scope: text() },
    }),
  ],
  [
    /^linked:/,
    z.union([
      z.strictObject({ primary: id(), user: user.optional() }),
      z.strictObject({ linked: id() }),
    ]),
  ],
];

export function isContentSetting(name: string): boolean {
  return kinds.some(([pattern]) => pattern.test(name));
}

/** Of the settings nothing else is taken: the rest is the tenant itself, its keys and its owner's way in. */
export const settingsRows = z
  .record(text(), z.record(text(), z.unknown()))
  .superRefine((given, context) => {
    for (const [name, value] of Object.entries(given)) {
      const found = kinds.find(([pattern]) => pattern.test(name));
      if (found === undefined) {
        context.addIssue({ code: "custom", path: [name], message: "is no setting of a seed" });
      }
      for (const { path, message } of found?.[1].safeParse(value).error?.issues ?? []) {
        context.addIssue({ code: "custom", path: [name, ...path], message });
      }
    }
  });
