/** @module The helpdesk's scopes, with what the consent page says about each. */

/** What a scope lets the client do, in the words of the person who allows it. */
export const scopes = {
  openid: "Know which helpdesk account is yours",
  profile: "See your name and e-mail address",
  email: "See your e-mail address",
  "read:tickets": "Read your tickets and those of your colleagues",
  "write:tickets": "Open tickets and change them in your name",
} as const;

export type Scope = keyof typeof scopes;

export const scopeNames = Object.keys(scopes) as Scope[];

/** The scopes of a request that the helpdesk knows, in its own order. */
export function knownScopes(requested: string | undefined): Scope[] {
  const names = new Set((requested ?? "").split(" "));
  return scopeNames.filter((name) => names.has(name));
}

/**
 * The scopes of a request that the helpdesk does not know. `offline_access` is none of them: it asks
 * for the refresh token that every client gets.
 */
export function unknownScopes(requested: string): string[] {
  const known = new Set<string>([...scopeNames, "offline_access", ""]);
  return requested.split(" ").filter((name) => !known.has(name));
}
