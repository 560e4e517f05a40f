/** @module Whether a URI is among those that a client or the tenant allows. */

/**
 * Compares character for character, except that `*` at the head of an allowed host name stands for one
 * or more labels, as Auth0's Allowed Callback and Logout URLs have it. A fragment is never allowed
 * (RFC 6749 3.1.2).
 */
export function isCallback(uri: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(uri) || uri.includes("#") || isWildcard(uri)) return false;
  const url = new URL(uri);
  if (url.protocol === "javascript:" || url.protocol === "data:") return false;
  return allowed.some((pattern) =>
    isWildcard(pattern) ? isPlain(uri, url) && matchesWildcard(url, pattern) : pattern === uri,
  );
}

/** The first of the allowed ones that is an address, where a request names none. */
export function firstAddress(allowed: readonly string[]): string | undefined {
  return allowed.find((pattern) => !isWildcard(pattern));
}

function isWildcard(pattern: string): boolean {
  return /^https?:\/\/\*\./.test(pattern);
}

/**
 * Written as a browser would write it. What a parser mends (a tab in the host, a backslash, `https:` without
 * slashes) another parser takes for another address.
 */
function isPlain(uri: string, url: URL): boolean {
  return url.href === uri || url.href === `${uri}/`;
}

function matchesWildcard(url: URL, pattern: string): boolean {
  const match = /^(https?):\/\/\*\.([^/*?#]+)([^*#]*)$/.exec(pattern);
  if (match === null || url.username !== "" || url.password !== "") return false;
  const [, scheme, host = "", rest = ""] = match;
  const expected = new URL(`${scheme}://x.${host}${rest}`);
  return (
    url.protocol === expected.protocol &&
    url.port === expected.port &&
    url.pathname === expected.pathname &&
    url.search === expected.search &&
    url.hostname.endsWith(expected.hostname.slice(1)) &&
    url.hostname.length > expected.hostname.length - 1
  );
}
