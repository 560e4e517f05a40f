/** @module A stack's configuration as adopted objects have it. */
import { isPlainMap, type PlainMap } from "../engine/plugins/protocol/value.ts";
import type { ExistingObjects } from "./existing-objects.ts";

/** What Auth0 is called at the helpdesk (components/helpdesk.ts). */
const helpdeskClientId = "auth0-custom-oauth2";

/**
 * The keys of the configuration, without their namespace, that say what the objects are. A key that is
 * undefined is one that must not be there.
 *
 * A connection that could be the helpdesk's is taken for it; any other becomes a `service` of one's own.
 */
export function configOf(objects: ExistingObjects): Record<string, unknown> {
  const { connection, client, logins } = objects;
  const { display_name: displayName, authentication } = connection;
  const active = isPlainMap(authentication) ? authentication["active"] : undefined;
  const options = optionsOf(connection);
  return {
    ...(isHelpdesk(options)
      ? {
          connectionName: connection["name"],
          scopes: scopesOf(options["scope"]),
          helpdesk: { mode: "external", url: baseOf(options["authorizationURL"], "/authorize") },
          service: undefined,
        }
      : { service: serviceOf(connection, options), helpdesk: undefined, tunnel: undefined }),
    ...(typeof displayName === "string" ? { displayName } : {}),
    ...(active === false ? { vaultOnly: true } : {}),
    clientName: client["name"],
    loginConnections: logins.map(({ name }) => name),
  };
}

/** The key of the secret that goes with {@link configOf}. */
export function secretKey({ connection }: ExistingObjects): string {
  return isHelpdesk(optionsOf(connection)) ? "helpdeskClientSecret" : "serviceClientSecret";
}

/** The secret that Auth0 shows at the provider. Undefined where the tenant does not tell it. */
export function providerSecret({ connection }: ExistingObjects): string | undefined {
  const secret = optionsOf(connection)["client_secret"];
  return typeof secret === "string" && secret !== "" ? secret : undefined;
}

function isHelpdesk(options: PlainMap): boolean {
  const base = baseOf(options["authorizationURL"], "/authorize");
  return base !== undefined && options["client_id"] === helpdeskClientId;
}

/** The key `service` (components/service-settings.ts). The script that is there stays, by `adopted`. */
function serviceOf({ name }: PlainMap, options: PlainMap): Record<string, unknown> {
  const tokenEndpoint = String(options["tokenURL"] ?? "");
  const userinfoEndpoint = profileUrl(options) ?? new URL("/userinfo", tokenEndpoint).href;
  return {
    name,
    authorizationEndpoint: options["authorizationURL"],
    tokenEndpoint,
    userinfoEndpoint,
    clientId: options["client_id"],
    scopes: scopesOf(options["scope"]),
    pkce: options["pkce_enabled"] === true,
    allowedDomains: [new URL(userinfoEndpoint).host],
  };
}

/** The first address that the connection's script asks: where it has a user's profile from. */
function profileUrl({ scripts }: PlainMap): string | undefined {
  const script = isPlainMap(scripts) ? scripts["fetchUserProfile"] : undefined;
  const [found] = /https?:\/\/[^\s'"`\\)]+/.exec(String(script ?? "")) ?? [];
  return found !== undefined && URL.canParse(found) ? found : undefined;
}

function baseOf(url: PlainMap[string] | undefined, path: string): string | undefined {
  return typeof url === "string" && url.endsWith(path) ? url.slice(0, -path.length) : undefined;
}

function scopesOf(scope: PlainMap[string] | undefined): string[] {
  const list = Array.isArray(scope) ? scope.map(String) : String(scope ?? "").split(" ");
  return list.filter((each) => each !== "");
}

function optionsOf({ options }: PlainMap): PlainMap {
  return isPlainMap(options) ? options : {};
}
