/** For each rule, what it is about: inputs that keep it and inputs that break it. One list for unit tests and engine. */
import { types } from "../../policy/rule.ts";

/** Inputs as a program gives them. */
export type Inputs = Record<string, unknown>;

export interface Sample {
  readonly rule: string;
  readonly type: string;
  readonly keeps: Inputs;
  readonly breaks: Inputs;
  /** What the violation names: the property, what was seen, the next step. */
  readonly says: readonly string[];
}

const vault = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const scopes = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);
const audience = "https://acme.test/me/";

const client = (change: Inputs): Inputs => ({
  name: "Agent",
  appType: "regular_web",
  oidcConformant: true,
  grantTypes: ["authorization_code", "refresh_token", vault],
  ...change,
});
const connection = (change: Inputs, options: Inputs = {}): Inputs => ({
  strategy: "oauth2",
  connectedAccounts: { active: true },
  metadata: { tvk_urn: "urn:pulumi:dev::acme" },
  options: {
    clientId: "c",
    authorizationEndpoint: "https://wiki.test/a",
    tokenEndpoint: "http://localhost:3001/t",
    scopes: ["read:pages"],
    ...options,
  },
  ...change,
});
const rotating = { rotationType: "rotating", expirationType: "expiring" };

export const samples: readonly Sample[] = [
  {
    rule: "vault-client-no-rotation",
    type: types.client,
    keeps: client({ refreshToken: { ...rotating, rotationType: "non-rotating" } }),
    breaks: client({ refreshToken: rotating }),
    says: ['refreshToken.rotationType is "rotating"; set it to "non-rotating"'],
  },
  {
    rule: "vault-client-confidential",
    type: types.client,
    keeps: client({}),
    breaks: client({ appType: "spa" }),
    says: ['appType is "spa", a public client; set it to "regular_web"'],
  },
  {
    rule: "vault-client-first-party",
    type: types.client,
    keeps: client({ isFirstParty: true, oidcConformant: true }),
    breaks: client({ isFirstParty: false, oidcConformant: false }),
    says: ["isFirstParty is false; set it to true", "oidcConformant is false; set it to true"],
  },
  {
    rule: "vault-client-least-grants",
    type: types.client,
    keeps: client({}),
    breaks: client({ grantTypes: [vault, "password", "implicit"] }),
    says: ['grantTypes[1] is "password"; take it out', 'grantTypes[2] is "implicit"'],
  },
  {
    rule: "no-wildcard-urls",
    type: types.client,
    keeps: client({ callbacks: ["https://app.test/callback"] }),
    breaks: client({ callbacks: ["https://*.test/callback"], webOrigins: ["https://*.test"] }),
    says: [
      'callbacks[0] is "https://*.test/callback"; write each host out',
      'webOrigins[0] is "https://*.test"',
    ],
  },
  {
    rule: "https-callbacks",
    type: types.client,
    keeps: client({ callbacks: ["http://127.0.0.1:18484/callback", "http://localhost/x"] }),
    breaks: client({ callbacks: ["https://a.test/", "http://app.test/callback"] }),
    says: ['callbacks[1] is "http://app.test/callback"; use https'],
  },
  {
    rule: "my-account-least-scopes",
    type: types.client,
    keeps: client({
      refreshToken: {
        rotationType: "non-rotating",
        expirationType: "non-expiring",
        policies: [{ audience, scopes }],
      },
    }),
    breaks: client({
      refreshToken: {
        rotationType: "non-rotating",
        expirationType: "non-expiring",
        policies: [{ audience, scopes: [...scopes, "update:me:authentication_methods"] }],
      },
    }),
    says: [
      'refreshToken.policies[0].scopes holds "update:me:authentication_methods"; keep create:me',
    ],
  },
  {
    rule: "connected-accounts-active",
    type: types.connection,
    keeps: connection({}),
    breaks: connection({ connectedAccounts: { active: false } }),
    says: ["connectedAccounts.active is false; set it to true"],
  },
  {
    rule: "vault-only-no-login",
    type: types.connection,
    keeps: connection({
      authentication: { active: false },
      metadata: { tvk_urn: "u", tvk_vault_only: "true" },
    }),
    breaks: connection({
      authentication: { active: true },
      showAsButton: true,
      metadata: { tvk_urn: "u", tvk_vault_only: "true" },
    }),
    says: ["authentication.active is true on a vault-only connection", "showAsButton is true"],
  },
  {
    rule: "https-endpoints",
    type: types.connection,
    keeps: connection({}),
    breaks: connection({}, { tokenEndpoint: "http://wiki.test/token" }),
    says: ['options.tokenEndpoint is "http://wiki.test/token"; use https'],
  },
  {
    rule: "connection-least-scopes",
    type: types.connection,
    keeps: connection({}),
    breaks: connection({}, { scopes: ["openid", "pages:*"] }),
    says: ['options.scopes[1] is "pages:*"; name the scopes'],
  },
  {
    rule: "my-account-user-grant",
    type: types.clientGrant,
    keeps: { clientId: "c", audience, scopes, subjectType: "user" },
    breaks: { clientId: "c", audience, scopes, subjectType: "client" },
    says: ['subjectType is "client"; set it to "user"'],
  },
  {
    rule: "my-account-grant-scopes",
    type: types.clientGrant,
    keeps: { clientId: "c", audience, scopes, subjectType: "user" },
    breaks: {
      clientId: "c",
      audience,
      scopes: [...scopes, "read:me:factors"],
      subjectType: "user",
    },
    says: ['scopes holds "read:me:factors"; keep create:me'],
  },
];
