/** @module Rules about what the application may do at the My Account API and the Management API. */
import { tooMany } from "./client-rules.ts";
import {
  type Declared,
  type Props,
  type ResourceRule,
  type StackRule,
  seen,
  types,
} from "./rule.ts";
import { isMyAccount, isVaultClient } from "./vault-client.ts";

const myAccountGrant = (
  name: string,
  description: string,
  check: (props: Props) => string[],
): ResourceRule => ({
  name,
  description,
  type: types.clientGrant,
  check: (props) => (isMyAccount(props["audience"]) ? check(props) : []),
});

export const grantRules: readonly ResourceRule[] = [
  myAccountGrant(
    "my-account-user-grant",
    'At the My Account API a client acts for users: subject_type is "user".',
    (props) =>
      props["subjectType"] === "user"
        ? []
        : [`subjectType is ${seen(props["subjectType"])}; set it to "user"`],
  ),
  myAccountGrant(
    "my-account-grant-scopes",
    "At the My Account API a client gets the scopes of Connected Accounts and no other.",
    (props) => tooMany(props, "scopes"),
  ),
];

/** Rules for which a grant or a credential has to be seen together with its client. */
export const stackRules: readonly StackRule[] = [
  {
    name: "vault-client-credentials",
    description: "A Token Vault client proves itself to the token endpoint.",
    checkStack: (resources) =>
      ofVaultClients(resources, types.clientCredentials).flatMap(({ name, props }) =>
        props["authenticationMethod"] === "none"
          ? [
              `${name}: authenticationMethod is "none"; set it to "client_secret_post", or to "private_key_jwt" with a key`,
            ]
          : [],
      ),
  },
  {
    name: "vault-client-no-management",
    description: "An application that users sign in to has no grant for the Management API.",
    checkStack: (resources) =>
      ofVaultClients(resources, types.clientGrant).flatMap(({ name, props }) =>
        /^https:\/\/[^/]+\/api\/v2\/$/.test(String(props["audience"]))
          ? [
              `${name}: audience is ${seen(props["audience"])}; give the grant to an application of its own`,
            ]
          : [],
      ),
  },
];

/** Resources of a type whose `clientId` is a Token Vault client of this stack. */
function ofVaultClients(resources: readonly Declared[], type: string): Declared[] {
  const clients = resources.filter(
    ({ type: each, props }) => each === types.client && isVaultClient(props),
  );
  const ids = new Set(clients.map(({ props }) => props["clientId"]));
  return resources.filter((each) => each.type === type && ids.has(each.props["clientId"]));
}
