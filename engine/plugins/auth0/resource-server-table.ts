/** @module The table of auth0:index/resourceServer:ResourceServer: an API of the tenant. */

import { block, type Fields, flag, number, text } from "./field.ts";

const policy = (choices: readonly string[]): Fields => ({ policy: text({ choices }) });

export const resourceServerFields: Fields = {
  name: text({
    computed: true,
    max: 200,
    pattern: { test: /^[^<>]+$/, says: "must not be empty or hold < or >" },
  }),
  identifier: text({ required: true, replaces: true, min: 1, max: 600 }),
  signingAlg: text({ computed: true, choices: ["HS256", "RS256", "RS512", "PS256"] }),
  signingSecret: text({ computed: true, min: 16 }),
  allowOfflineAccess: flag({ computed: true }),
  allowOnlineAccess: flag({ computed: true }),
  allowOnlineAccessWithEphemeralSessions: flag({ computed: true }),
  tokenLifetime: number({ computed: true, min: 0, max: 2_592_000 }),
  tokenLifetimeForWeb: number({ computed: true, min: 0, max: 2_592_000 }),
  skipConsentForVerifiableFirstPartyClients: flag({ computed: true }),
  // In camel case on the wire, too.
  verificationLocation: text({ wire: "verificationLocation" }),
  enforcePolicies: flag({ computed: true }),
  tokenDialect: text({
    computed: true,
    choices: ["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"],
  }),
  consentPolicy: {
    kind: "tristate",
    computed: true,
    absent: "null",
    choices: ["transactional-authorization-with-mfa", "null"],
  },
  authorizationDetails: {
    kind: "blocks",
    computed: true,
    absent: [{ disable: true, type: "" }],
    fields: { type: text(), disable: flag() },
  },
  tokenEncryption: block(
    {
      format: text({ computed: true, choices: ["compact-nested-jwe"] }),
      encryptionKey: block(
        {
          name: text({ computed: true }),
          algorithm: text({ required: true, wire: "alg" }),
          kid: text({ computed: true }),
          pem: text({ required: true, writeOnly: true }),
        },
        { computed: true },
      ),
      disable: flag(),
    },
    { computed: true, absent: { disable: true, encryptionKey: null, format: "" } },
  ),
  proofOfPossession: block(
    {
      mechanism: text({ computed: true, choices: ["mtls", "dpop"] }),
      required: flag({ computed: true }),
      disable: flag(),
      requiredFor: text({ choices: ["all_clients", "public_clients"] }),
    },
    { computed: true, absent: { disable: true, mechanism: "", required: false, requiredFor: "" } },
  ),
  authorizationPolicy: block({ policyId: text({ computed: true }) }, { computed: true }),
  subjectTypeAuthorization: block(
    {
      user: block(policy(["allow_all", "deny_all", "require_client_grant"]), { computed: true }),
      client: block(policy(["deny_all", "require_client_grant"]), { computed: true }),
    },
    { computed: true },
  ),
  clientId: text({ readOnly: true }),
  isSystem: flag({ readOnly: true }),
};
