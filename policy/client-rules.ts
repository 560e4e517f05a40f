/** @module Rules about the application whose users' tokens the vault exchanges. */
import { list, nested, type Props, type ResourceRule, seen, types } from "./rule.ts";
import { connectedAccountsScopes, isLoopback, isMyAccount, isVaultClient } from "./vault-client.ts";

/** Grant types that hand out tokens without the user at the tenant's own page. */
const riskyGrants = [
  "implicit",
  "password",
  "http://auth0.com/oauth/grant-type/password-realm",
] as const;

/** Applications whose code is in the user's hands and can't keep a secret. */
const publicTypes = ["spa", "native"];

const urlLists = ["callbacks", "allowedLogoutUrls", "webOrigins", "allowedOrigins"] as const;

const vaultClient = (
  name: string,
  description: string,
  check: (props: Props) => string[],
): ResourceRule => ({
  name,
  description,
  type: types.client,
  check: (props) => (isVaultClient(props) ? check(props) : []),
});

export const clientRules: readonly ResourceRule[] = [
  vaultClient(
    "vault-client-no-rotation",
    "Token Vault does not work with rotating refresh tokens (Auth0: Configure Token Vault).",
    (props) => {
      const rotation = nested(props, "refreshToken")["rotationType"];
      if (rotation === undefined || rotation === "non-rotating") return [];
      return [`refreshToken.rotationType is ${seen(rotation)}; set it to "non-rotating"`];
    },
  ),
  vaultClient(
    "vault-client-confidential",
    "A Token Vault client keeps a secret or a key (Auth0: Configure Token Vault).",
    (props) =>
      publicTypes.includes(String(props["appType"]))
        ? [`appType is ${seen(props["appType"])}, a public client; set it to "regular_web"`]
        : [],
  ),
  vaultClient(
    "vault-client-first-party",
    "A Token Vault client is first-party and OIDC-conformant (Auth0: Configure Token Vault).",
    (props) =>
      // Auth0 makes an application first-party by itself, and OIDC-conformant only when it is told to.
      [
        ...(props["isFirstParty"] === false ? ["isFirstParty is false; set it to true"] : []),
        ...(props["oidcConformant"] === true
          ? []
          : [`oidcConformant is ${seen(props["oidcConformant"])}; set it to true`]),
      ],
  ),
  vaultClient(
    "vault-client-least-grants",
    "A Token Vault client has no grant that goes round the tenant's sign-in page.",
    (props) =>
      list(props, "grantTypes").flatMap((grant, index) =>
        riskyGrants.some((risky) => risky === grant)
          ? [`grantTypes[${index}] is ${seen(grant)}; take it out`]
          : [],
      ),
  ),
  vaultClient(
    "no-wildcard-urls",
    "No URL to which a code or a user is sent holds a wildcard.",
    (props) => eachUrl(props, (url) => (url.includes("*") ? "write each host out" : undefined)),
  ),
  vaultClient(
    "https-callbacks",
    "URLs to which a code or a user is sent are https, or http on loopback.",
    (props) =>
      eachUrl(props, (url) =>
        url.includes("*") || isHttpsOrLoopback(url)
          ? undefined
          : "use https; plain http is for loopback hosts only",
      ),
  ),
  vaultClient(
    "my-account-least-scopes",
    "At the My Account API a client gets the scopes of Connected Accounts and no other.",
    (props) => {
      const policies = nested(props, "refreshToken")["policies"];
      return (Array.isArray(policies) ? policies : []).flatMap((policy: Props, index) =>
        isMyAccount(policy["audience"])
          ? tooMany(policy, `refreshToken.policies[${index}].scopes`)
          : [],
      );
    },
  ),
];

/** Scopes of a list that are not Connected Accounts'. */
export function tooMany(props: Props, path: string): string[] {
  const extra = list(props, "scopes").filter((scope) => !connectedAccountsScopes.includes(scope));
  if (extra.length === 0) return [];
  return [
    `${path} holds ${extra.map(seen).join(", ")}; keep ${connectedAccountsScopes.join(", ")} only`,
  ];
}

function eachUrl(props: Props, wrong: (url: string) => string | undefined): string[] {
  return urlLists.flatMap((key) =>
    list(props, key).flatMap((url, index) => {
      const next = wrong(url);
      return next === undefined ? [] : [`${key}[${index}] is ${seen(url)}; ${next}`];
    }),
  );
}

/** True for https anywhere, and for http on a host that never leaves the machine. */
export function isHttpsOrLoopback(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}
