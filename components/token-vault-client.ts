/** @module The application whose users' provider tokens Token Vault exchanges. */
import { Client } from "@pulumi/auth0/client.js";
import { ClientCredentials } from "@pulumi/auth0/clientCredentials.js";
import { ClientGrant } from "@pulumi/auth0/clientGrant.js";
import { ConnectionClient } from "@pulumi/auth0/connectionClient.js";
import { ConnectionClients } from "@pulumi/auth0/connectionClients.js";
import * as pulumi from "@pulumi/pulumi";
import type { BuiltInConnection } from "./built-in-connection.ts";
import { marks } from "./marks.ts";
import { connectedAccountsScopes, type MyAccountApi } from "./my-account-api.ts";
import type { OAuth2Connection } from "./oauth2-connection.ts";
import { formerNames } from "./vault-connection.ts";

/** Auth0's grant type for the Token Vault exchange. */
const tokenVaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/** Loopback ports on which `tvk` and auth0-tv wait for the browser. */
const loopbackPorts = [18484, 18485, 18486, 18487, 18488, 18489];

/** A connection that other stacks or people own, and that this client joins. */
export interface SharedConnection {
  /** Part of the child's name: letters, digits, dashes. */
  readonly name: string;
  /** Auth0's id, `con_…`. */
  readonly connectionId: pulumi.Input<string>;
}

/** Arguments of {@link TokenVaultClient}. */
export interface TokenVaultClientArgs {
  /** Name of the application, shown to users at sign-in. No `<` and no `>`. */
  readonly name: string;
  /** Shown in the dashboard, at most 140 characters. */
  readonly description?: string;
  /** Where users connect their accounts. */
  readonly myAccountApi: MyAccountApi;
  /** Connections of this stack, of which this client becomes the one enabled client. */
  readonly connections: readonly (OAuth2Connection | BuiltInConnection)[];
  /** Existing connections that keep their other clients: the ones users sign in with. */
  readonly sharedConnections?: readonly SharedConnection[];
  /** Redirect URIs besides the loopback ones of `tvk` and auth0-tv. No wildcards. */
  readonly callbacks?: readonly string[];
  /** Where users may be sent after logout, besides the loopback ones. */
  readonly allowedLogoutUrls?: readonly string[];
  /** Who owns this environment; written on the object. */
  readonly owner?: string | undefined;
  /** Until when this environment is meant to be there (ISO 8601); written on the object, for `tvk env sweep`. */
  readonly expires?: string | undefined;
}

/**
 * A confidential, first-party application that may use Token Vault.
 *
 * Creates `{name}-client`, `{name}-credentials`, `{name}-my-account-grant` and one child a
 * connection. Keeps Auth0's own conditions: OIDC-conformant, refresh tokens that do not rotate, a
 * multi-resource refresh token policy for the My Account API, a client grant with `subject_type: user`.
 *
 * @throws {pulumi.InputPropertiesError} Every wrong argument at once, each with path and reason.
 *
 * @see [Configure Token Vault](https://auth0.com/docs/secure/tokens/token-vault/configure-token-vault)
 */
export class TokenVaultClient extends pulumi.ComponentResource {
  /** What OAuth calls `client_id`. */
  readonly clientId: pulumi.Output<string>;
  /** Secret. */
  readonly clientSecret: pulumi.Output<string>;

  constructor(name: string, args: TokenVaultClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:TokenVaultClient", name, {}, opts);
    const errors = problems(args);
    if (errors.length > 0) {
      throw new pulumi.InputPropertiesError({
        message: `TokenVaultClient "${name}" has wrong arguments`,
        errors,
      });
    }
    const audience = args.myAccountApi.audience;
    const client = this.client(name, args, audience);
    const credentials = new ClientCredentials(
      `${name}-credentials`,
      { clientId: client.id, authenticationMethod: "client_secret_post" },
      { parent: this, additionalSecretOutputs: ["clientSecret"] },
    );
    new ClientGrant(
      `${name}-my-account-grant`,
      { clientId: client.id, audience, scopes: [...connectedAccountsScopes], subjectType: "user" },
      { parent: this },
    );
    for (const connection of args.connections) {
      new ConnectionClients(
        `${name}-${connection.componentName}`,
        { connectionId: connection.connectionId, enabledClients: [client.id] },
        // A renamed connection must not be joined anew: the old link's delete would take the client off it.
        {
          parent: this,
          aliases: formerNames(connection).map((old) => ({ name: `${name}-${old}` })),
        },
      );
    }
    for (const shared of args.sharedConnections ?? []) {
      new ConnectionClient(
        `${name}-${shared.name}`,
        { connectionId: shared.connectionId, clientId: client.id },
        { parent: this },
      );
    }
    this.clientId = client.clientId;
    this.clientSecret = pulumi.secret(credentials.clientSecret);
    this.registerOutputs({ clientId: this.clientId, clientSecret: this.clientSecret });
  }

  private client(
    name: string,
    args: TokenVaultClientArgs,
    audience: pulumi.Output<string>,
  ): Client {
    const childName = `${name}-client`;
    const loopback = loopbackPorts.map((port) => `http://127.0.0.1:${port}`);
    return new Client(
      childName,
      {
        name: args.name,
        description: args.description ?? "Calls internal APIs for signed-in users via Token Vault",
        appType: "regular_web",
        isFirstParty: true,
        oidcConformant: true,
        callbacks: [...loopback.map((url) => `${url}/callback`), ...(args.callbacks ?? [])],
        allowedLogoutUrls: [...loopback, ...(args.allowedLogoutUrls ?? [])],
        jwtConfiguration: { alg: "RS256" },
        grantTypes: ["authorization_code", "refresh_token", tokenVaultGrant],
        refreshToken: {
          // Token Vault does not work with rotating refresh tokens (Configure Token Vault).
          rotationType: "non-rotating",
          expirationType: "non-expiring",
          policies: [{ audience, scopes: [...connectedAccountsScopes] }],
        },
        clientMetadata: marks("auth0:index/client:Client", childName, this, args),
      },
      { parent: this },
    );
  }
}

function problems(args: TokenVaultClientArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  const wrong = (propertyPath: string, reason: string) => found.push({ propertyPath, reason });
  if (args.name === "" || /[<>]/.test(args.name)) wrong("name", "is empty or holds < or >");
  if ((args.description ?? "").length > 140) wrong("description", "is over Auth0's 140 characters");
  const logins = args.connections.filter(({ offersLogin }) => offersLogin).length;
  if (logins + (args.sharedConnections ?? []).length === 0) {
    wrong("sharedConnections", "is empty and no connection offers login: nobody could sign in");
  }
  const lists = {
    callbacks: args.callbacks ?? [],
    allowedLogoutUrls: args.allowedLogoutUrls ?? [],
  };
  for (const [path, urls] of Object.entries(lists)) {
    for (const [index, url] of urls.entries()) {
      if (!URL.canParse(url)) wrong(`${path}[${index}]`, `"${url}" is not a URL`);
      else if (url.includes("*")) wrong(`${path}[${index}]`, "holds a wildcard");
    }
  }
  return found;
}
