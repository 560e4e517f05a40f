/** @module Rules about the connections through which users connect accounts. */
import { isHttpsOrLoopback } from "./client-rules.ts";
import { list, nested, type Props, type ResourceRule, seen, types } from "./rule.ts";

/** Made by a component of the kit, whichever program it is in: they carry its marks. */
function isKitConnection(props: Props): boolean {
  return typeof nested(props, "metadata")["tvk_urn"] === "string";
}

/** Declared with `vaultOnly: true`: the component has written it on the object. */
function isVaultOnly(props: Props): boolean {
  return nested(props, "metadata")["tvk_vault_only"] === "true";
}

const connection = (
  name: string,
  description: string,
  check: (props: Props) => string[],
): ResourceRule => ({ name, description, type: types.connection, check });

export const connectionRules: readonly ResourceRule[] = [
  connection(
    "connected-accounts-active",
    "A connection for Token Vault has connected_accounts.active on, at the top level.",
    (props) => {
      const off = nested(props, "authentication")["active"] === false;
      if (!isKitConnection(props) && !off) return [];
      const active = nested(props, "connectedAccounts")["active"];
      if (active === true) return [];
      return [
        `connectedAccounts.active is ${seen(active)}; set it to true: without it no account can be connected`,
      ];
    },
  ),
  connection("vault-only-no-login", "A vault-only connection is no way to sign in.", (props) => {
    const active = nested(props, "authentication")["active"];
    const wrong: string[] = [];
    if (isVaultOnly(props) && active !== false) {
      wrong.push(
        `authentication.active is ${seen(active)} on a vault-only connection; set it to false, or take vaultOnly away`,
      );
    }
    for (const key of ["showAsButton", "isDomainConnection"]) {
      if ((isVaultOnly(props) || active === false) && props[key] === true)
        wrong.push(`${key} is true on a connection without login; set it to false`);
    }
    return wrong;
  }),
  connection(
    "https-endpoints",
    "Endpoints to which users and secrets are sent are https, or http on loopback.",
    (props) => {
      const options = nested(props, "options");
      return ["authorizationEndpoint", "tokenEndpoint"].flatMap((key) => {
        const url = options[key];
        if (typeof url !== "string" || url === "" || isHttpsOrLoopback(url)) return [];
        return [`options.${key} is ${seen(url)}; use https; plain http is for loopback hosts only`];
      });
    },
  ),
  connection(
    "connection-least-scopes",
    "A connection asks the provider for scopes that are named one by one.",
    (props) =>
      list(nested(props, "options"), "scopes").flatMap((scope, index) =>
        scope.includes("*")
          ? [`options.scopes[${index}] is ${seen(scope)}; name the scopes that agents need`]
          : [],
      ),
  ),
];
