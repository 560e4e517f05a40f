/** @module The tenant's My Account API: looked up, created only where it is missing, never deleted. */
import { getResourceServer } from "@pulumi/auth0/getResourceServer.js";
import { ResourceServer } from "@pulumi/auth0/resourceServer.js";
import * as pulumi from "@pulumi/pulumi";
import { lookUp } from "./tenant-lookup.ts";

/** The scopes of the Connected Accounts endpoints, all that Token Vault needs (My Account API, Connected Accounts). */
export const connectedAccountsScopes = [
  "create:me:connected_accounts",
  "read:me:connected_accounts",
  "delete:me:connected_accounts",
] as const;

/** Arguments of {@link MyAccountApi}. */
export interface MyAccountApiArgs {
  /** Host of the tenant, with a port if it has one; no scheme, no slash. */
  readonly domain: string;
  /** What {@link findMyAccountApi} found: the id of the API that is there, or undefined. */
  readonly existingId: string | undefined;
}

/**
 * The My Account API of a tenant, at which users connect their accounts.
 *
 * A tenant has at most one, and every stack on it needs it: so it is created where it is missing,
 * imported where it is there, and left behind by `destroy`. The server owns its name, lifetimes and
 * scopes; changes to them are ignored.
 *
 * @throws {pulumi.InputPropertiesError} `domain` is no host.
 *
 * @see [My Account API](https://auth0.com/docs/manage-users/my-account-api)
 *
 * @example
 * ```ts
 * const existingId = await findMyAccountApi("acme.eu.auth0.com");
 * const api = new MyAccountApi("my-account", { domain: "acme.eu.auth0.com", existingId });
 * ```
 */
export class MyAccountApi extends pulumi.ComponentResource {
  /** The API's identifier, what `audience` takes: `https://DOMAIN/me/`. */
  readonly audience: pulumi.Output<string>;

  constructor(name: string, args: MyAccountApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:MyAccountApi", name, {}, opts);
    const identifier = myAccountAudience(args.domain);
    const api = new ResourceServer(
      `${name}-api`,
      {
        name: "Auth0 My Account API",
        identifier,
        signingAlg: "RS256",
        allowOfflineAccess: true,
        skipConsentForVerifiableFirstPartyClients: true,
        subjectTypeAuthorization: { user: { policy: "require_client_grant" } },
      },
      {
        parent: this,
        retainOnDelete: true,
        ...(args.existingId === undefined ? {} : { import: args.existingId }),
        // All that the server sets by itself, or refuses to have changed (auth0 My Account API page).
        ignoreChanges: [
          "name",
          "signingAlg",
          "allowOfflineAccess",
          "skipConsentForVerifiableFirstPartyClients",
          "subjectTypeAuthorization",
          "tokenLifetime",
          "tokenLifetimeForWeb",
          "proofOfPossession",
          "authorizationDetails",
          "tokenEncryption",
          "consentPolicy",
          "verificationLocation",
          "enforcePolicies",
          "tokenDialect",
        ],
      },
    );
    this.audience = api.identifier;
    this.registerOutputs({ audience: this.audience });
  }
}

/** The identifier of a tenant's My Account API; the trailing slash is part of it. */
function myAccountAudience(domain: string): string {
  if (!URL.canParse(`https://${domain}`) || domain.includes("/")) {
    throw new pulumi.InputPropertiesError({
      message: "MyAccountApi has a wrong argument",
      errors: [{ propertyPath: "domain", reason: `"${domain}" is no host` }],
    });
  }
  return `https://${domain}/me/`;
}

/**
 * Looks the My Account API up. One request to the tenant; changes nothing.
 *
 * @returns Its id, or undefined where the tenant has none.
 * @throws {pulumi.RunError} The tenant can't be asked.
 */
export async function findMyAccountApi(domain: string): Promise<string | undefined> {
  const identifier = myAccountAudience(domain);
  const found = await lookUp(() => getResourceServer({ identifier }));
  return found?.resourceServerId ?? found?.id;
}
