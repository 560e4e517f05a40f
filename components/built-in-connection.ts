/** @module A connection to a provider that Auth0 knows by itself: Google, GitHub; and Slack, which it has a template for. */
import * as pulumi from "@pulumi/pulumi";
import { slackProfileScript } from "../scripts/slack-profile.ts";
import { connectionNameProblem, rememberNames, vaultConnection } from "./vault-connection.ts";

/** Arguments of {@link BuiltInConnection}. */
export interface BuiltInConnectionArgs {
  /** The provider, by Auth0's strategy; `slack` is ours for what Auth0 calls "Sign in with Slack". */
  readonly strategy: "google-oauth2" | "github" | "slack";
  /** What `connect` and `fetch` take. Default: Auth0's own name for it, which is also what auth0-tv takes. */
  readonly name?: string | undefined;
  /** What the sign-in button says after "Continue with". */
  readonly displayName?: string | undefined;
  /** What Auth0 is called at the provider: the client id of an application that you registered there. */
  readonly clientId: pulumi.Input<string>;
  /** The secret that goes with it. Secret in the state whatever is given. */
  readonly clientSecret: pulumi.Input<string>;
  /** Permissions as Auth0 names them for this provider (`email`, `calendar`, `repo`); for Slack its user scopes. */
  readonly scopes: readonly string[];
  /** Takes the connection off the sign-in page: for connected accounts only. Default false. */
  readonly vaultOnly?: boolean | undefined;
  /** Who owns this environment; written on the object. */
  readonly owner?: string | undefined;
  /** When an environment may be swept; written on the object. */
  readonly expires?: string | undefined;
}

/** Auth0's own names: what its libraries and auth0-tv take (auth0-token-vault-cli's registry of services). */
export const builtInNames: Readonly<Record<BuiltInConnectionArgs["strategy"], string>> = {
  "google-oauth2": "google-oauth2",
  github: "github",
  slack: "sign-in-with-slack",
};

/**
 * Slack's endpoints for a user's token, as a custom connection. Auth0's Management API has no strategy of
 * its own for Slack; that its template comes to the same is (inferred).
 */
const slack = {
  authorizationEndpoint: "https://slack.com/oauth/v2_user/authorize",
  tokenEndpoint: "https://slack.com/api/oauth.v2.user.access",
} as const;

/**
 * A connection to Google, GitHub or Slack with Connected Accounts for Token Vault switched on.
 *
 * Creates one child, `{name}-connection`. A tenant has one connection of a name: where another stack has
 * it already, join that one with `sharedConnections` of the client instead.
 *
 * @throws {pulumi.InputPropertiesError} Every wrong argument at once, each with path and reason.
 *
 * @see [Social identity providers](https://auth0.com/docs/authenticate/identity-providers/social-identity-providers)
 *
 * @example
 * ```ts
 * const google = new BuiltInConnection("google", {
 *   strategy: "google-oauth2",
 *   clientId: config.require("googleClientId"),
 *   clientSecret: config.requireSecret("googleClientSecret"),
 *   scopes: ["email", "profile", "calendar"],
 * });
 * ```
 */
export class BuiltInConnection extends pulumi.ComponentResource {
  /** What `connect` and `fetch` take as `connection`. */
  readonly connectionName: pulumi.Output<string>;
  /** Auth0's id, `con_…`. */
  readonly connectionId: pulumi.Output<string>;
  /** Name of this component in the program: part of the names of what joins it. */
  readonly componentName: string;
  /** True where users can sign in to applications with it. */
  readonly offersLogin: boolean;

  constructor(name: string, args: BuiltInConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:BuiltInConnection", name, {}, opts);
    const errors = problems(args);
    if (errors.length > 0) {
      throw new pulumi.InputPropertiesError({
        message: `BuiltInConnection "${name}" has wrong arguments`,
        errors,
      });
    }
    this.componentName = name;
    rememberNames(this, opts);
    this.offersLogin = !(args.vaultOnly ?? false);
    const custom = args.strategy === "slack";
    const connection = vaultConnection(this, name, {
      name: args.name ?? builtInNames[args.strategy],
      displayName: args.displayName,
      strategy: custom ? "oauth2" : args.strategy,
      offersLogin: this.offersLogin,
      options: {
        clientId: args.clientId,
        clientSecret: pulumi.secret(args.clientSecret),
        scopes: [...args.scopes],
        ...(custom ? { ...slack, scripts: { fetchUserProfile: slackProfileScript() } } : {}),
      },
      owner: args.owner,
      expires: args.expires,
    });
    this.connectionName = connection.name;
    this.connectionId = connection.id;
    this.registerOutputs({
      connectionName: this.connectionName,
      connectionId: this.connectionId,
    });
  }
}

function problems(args: BuiltInConnectionArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  const wrong = (propertyPath: string, reason: string) => found.push({ propertyPath, reason });
  if (!Object.hasOwn(builtInNames, args.strategy)) {
    const known = Object.keys(builtInNames).join(", ");
    wrong("strategy", `"${args.strategy}" is none of ${known}; use OAuth2Connection for another`);
  }
  const { name } = args;
  const nameReason = name === undefined ? undefined : connectionNameProblem(name);
  if (nameReason !== undefined) wrong("name", nameReason);
  if (args.scopes.length === 0) {
    wrong("scopes", "is empty: a token that may do nothing is of no use");
  }
  for (const [index, scope] of args.scopes.entries()) {
    // Auth0 names Google's permissions, and has no place for their addresses.
    if (args.strategy === "google-oauth2" && scope.includes("/")) {
      wrong(
        `scopes[${index}]`,
        `"${scope}" is Google's address of a scope; a connection takes Auth0's name for it, like calendar. Ask for the address when connecting`,
      );
    }
  }
  return found;
}
