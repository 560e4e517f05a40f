/** @module The custom OAuth2 connection through which users connect an account at a provider. */
import * as pulumi from "@pulumi/pulumi";
import { isContainerName } from "./container-name.ts";
import { connectionNameProblem, rememberNames, vaultConnection } from "./vault-connection.ts";

/** Auth0's limit for the text of fetchUserProfile, in characters (Management API description). */
const maxScriptLength = 51_200;

/** Arguments of {@link OAuth2Connection}. */
export interface OAuth2ConnectionArgs {
  /** What `connect` and `fetch` take. At most 128 letters, digits and single dashes. A new name is a new connection. */
  readonly name: string;
  /** What the sign-in button says after "Continue with". Default: the name. */
  readonly displayName?: string | undefined;
  /** The provider's authorization endpoint: https, or http on loopback. */
  readonly authorizationEndpoint: pulumi.Input<string>;
  /** The provider's token endpoint: https, or http on loopback or between containers; at most 255 characters. */
  readonly tokenEndpoint: pulumi.Input<string>;
  /** What Auth0 is called at the provider. */
  readonly clientId: pulumi.Input<string>;
  /** The secret that goes with it. Secret in the state whatever is given. */
  readonly clientSecret: pulumi.Input<string>;
  /** Scopes asked of the provider, at most 20. Must make it issue a refresh token. */
  readonly scopes: readonly string[];
  /** Text of `function fetchUserProfile(accessToken, context, callback)`, at most 51 200 characters. */
  readonly fetchUserProfile: pulumi.Input<string>;
  /** Sends a PKCE challenge to the provider. Default true. */
  readonly pkce?: boolean;
  /** Takes the connection off the sign-in page: for connected accounts only. Default false. */
  readonly vaultOnly?: boolean;
  /** Who owns this environment; written on the object. */
  readonly owner?: string | undefined;
  /** Until when this environment is meant to be there (ISO 8601); written on the object, for `tvk env sweep`. */
  readonly expires?: string | undefined;
}

/**
 * A custom `oauth2` connection with Connected Accounts for Token Vault switched on.
 *
 * Creates one child, `{name}-connection`. Guards what the raw resource leaves open:
 * `connected_accounts.active` is on and at the top level, the client secret is secret in the state,
 * the script is within Auth0's limit, plain http stays on loopback, and the object carries the
 * stack's marks. A new `name` is a new connection: users have to connect again.
 *
 * Any other option of the connection is set with Pulumi's `transformations` (docs/components.md).
 *
 * @throws {pulumi.InputPropertiesError} Every wrong argument at once, each with path and reason.
 *
 * @see [Custom OAuth2 connections](https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/oauth2)
 *
 * @example
 * ```ts
 * const desk = new OAuth2Connection("helpdesk", {
 *   name: "acme-helpdesk",
 *   authorizationEndpoint: pulumi.interpolate`${tunnel.url}/authorize`,
 *   tokenEndpoint: pulumi.interpolate`${tunnel.url}/token`,
 *   clientId: "auth0-custom-oauth2",
 *   clientSecret: config.requireSecret("helpdeskClientSecret"),
 *   scopes: ["openid", "profile", "read:tickets"],
 *   fetchUserProfile: profileScript({ userinfoUrl: "https://desk.example.com/userinfo" }),
 * });
 * ```
 */
export class OAuth2Connection extends pulumi.ComponentResource {
  /** What `connect` and `fetch` take as `connection`. */
  readonly connectionName: pulumi.Output<string>;
  /** Auth0's id, `con_…`. */
  readonly connectionId: pulumi.Output<string>;
  /** Name of this component in the program: part of the names of what joins it. */
  readonly componentName: string;
  /** True where users can sign in to applications with it. */
  readonly offersLogin: boolean;

  constructor(name: string, args: OAuth2ConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:OAuth2Connection", name, {}, opts);
    const errors = problems(args);
    if (errors.length > 0) {
      throw new pulumi.InputPropertiesError({
        message: `OAuth2Connection "${name}" has wrong arguments`,
        errors,
      });
    }
    this.componentName = name;
    rememberNames(this, opts);
    this.offersLogin = !(args.vaultOnly ?? false);
    const connection = vaultConnection(this, name, {
      name: args.name,
      displayName: args.displayName,
      strategy: "oauth2",
      offersLogin: this.offersLogin,
      options: {
        clientId: args.clientId,
        clientSecret: pulumi.secret(args.clientSecret),
        authorizationEndpoint: checkedUrl("authorizationEndpoint", args.authorizationEndpoint),
        tokenEndpoint: checkedUrl("tokenEndpoint", args.tokenEndpoint),
        pkceEnabled: args.pkce ?? true,
        scopes: [...args.scopes],
        scripts: { fetchUserProfile: checkedScript(args.fetchUserProfile) },
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

function problems(args: OAuth2ConnectionArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  const wrong = (propertyPath: string, reason: string) => found.push({ propertyPath, reason });
  const nameReason = connectionNameProblem(args.name);
  if (nameReason !== undefined) wrong("name", nameReason);
  if (args.scopes.length === 0 || args.scopes.length > 20) {
    wrong("scopes", `has ${args.scopes.length} items; Auth0 takes 1 to 20`);
  }
  for (const [index, scope] of args.scopes.entries()) {
    // RFC 6749 section 3.3; 189 is Auth0's limit for one item.
    if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,189}$/.test(scope)) {
      wrong(`scopes[${index}]`, "holds a space, a quote or a backslash, or is over 189 characters");
    }
  }
  if (typeof args.authorizationEndpoint === "string") {
    const reason = urlProblem(args.authorizationEndpoint);
    if (reason !== undefined) wrong("authorizationEndpoint", reason);
  }
  if (typeof args.tokenEndpoint === "string") {
    const reason = backChannelProblem(args.tokenEndpoint);
    if (reason !== undefined) wrong("tokenEndpoint", reason);
  }
  if (typeof args.fetchUserProfile === "string") {
    const reason = scriptProblem(args.fetchUserProfile);
    if (reason !== undefined) wrong("fetchUserProfile", reason);
  }
  return found;
}

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is not a URL`;
  const { protocol, hostname } = new URL(text);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  if (protocol === "https:" || (protocol === "http:" && loopback)) return undefined;
  return `"${text}" is not https, and plain http is for loopback hosts only`;
}

/** Containers of one machine may speak plainly: no packet of it leaves the machine. */
function backChannelProblem(text: string): string | undefined {
  const local = URL.canParse(text) && isContainerName(new URL(text).hostname);
  return local ? undefined : urlProblem(text);
}

function scriptProblem(text: string): string | undefined {
  if (text.length <= maxScriptLength) return undefined;
  return `has ${text.length} characters; Auth0 takes ${maxScriptLength}`;
}

/** The same rules for values that are known only later; the engine stops the run before the connection is made. */
function checkedUrl(path: string, value: pulumi.Input<string>): pulumi.Output<string> {
  const problem = path === "tokenEndpoint" ? backChannelProblem : urlProblem;
  return pulumi.output(value).apply((text) => accept(path, text, problem(text)));
}

function checkedScript(value: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi
    .output(value)
    .apply((text) => accept("fetchUserProfile", text, scriptProblem(text)));
}

function accept(propertyPath: string, value: string, reason: string | undefined): string {
  if (reason === undefined) return value;
  throw new pulumi.InputPropertiesError({
    message: "OAuth2Connection has a wrong argument",
    errors: [{ propertyPath, reason }],
  });
}
