/** @module The table of auth0:index/clientGrant:ClientGrant: what a client may ask of an API. */

import { type Fields, flag, text, texts } from "./field.ts";

export const clientGrantFields: Fields = {
  clientId: text({ replaces: true, min: 1 }),
  audience: text({ required: true, replaces: true, min: 1 }),
  scopes: texts({ wire: "scope", itemMax: 280 }),
  organizationUsage: text({ choices: ["deny", "allow", "require"], clear: null }),
  allowAnyOrganization: flag(),
  subjectType: text({ replaces: true, computed: true, choices: ["client", "user"] }),
  authorizationDetailsTypes: texts(),
  isSystem: flag({ readOnly: true }),
  defaultFor: text({ replaces: true, choices: ["third_party_clients"] }),
  allowAllScopes: flag(),
};
