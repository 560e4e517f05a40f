/**
 * @module The services that auth0-tv knows by name; any other name is a connection's. Which scopes of
 * Google and Slack it asks for is (inferred) from what its commands do.
 */

export interface KnownService {
  connection: string;
  scopes: readonly string[];
  allowedDomains: readonly string[];
}

const google = "https://www.googleapis.com/auth/";

const services: Record<string, KnownService> = {
  gmail: {
    connection: "google-oauth2",
    scopes: ["readonly", "send", "compose", "modify", "labels"].map(
      (scope) => `${google}gmail.${scope}`,
    ),
    allowedDomains: ["*.googleapis.com"],
  },
  calendar: {
    connection: "google-oauth2",
    scopes: [`${google}calendar.readonly`, `${google}calendar.events`],
    allowedDomains: ["*.googleapis.com"],
  },
  github: { connection: "github", scopes: [], allowedDomains: ["api.github.com"] },
  slack: {
    connection: "sign-in-with-slack",
    scopes: [
      "channels:read",
      "channels:history",
      "chat:write",
      "groups:read",
      "im:read",
      "reactions:write",
      "search:read",
      "users:read",
      "users.profile:write",
    ],
    allowedDomains: ["slack.com", "*.slack.com"],
  },
};

/**
 * What a name on the command line stands for. Names of connections are lower case, as in auth0-tv.
 *
 * @param own The profile's connection: Auth0 tells cases apart, so it is taken as it is written.
 */
export function knownService(name: string, own?: string): KnownService {
  const key = name.toLowerCase();
  const known = Object.hasOwn(services, key) ? services[key] : undefined;
  const connection = key === own?.toLowerCase() ? own : (known?.connection ?? key);
  if (known?.connection === connection) return known;
  return { connection, scopes: [], allowedDomains: [] };
}

/** The names under which a connection is known: the services that share it, or its own. */
export function servicesOf(connection: string): string[] {
  const names = Object.keys(services).filter((name) => services[name]?.connection === connection);
  return names.length ? names : [connection];
}
