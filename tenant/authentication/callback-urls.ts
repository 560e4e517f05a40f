/** @module Whether a URI is among those that a client or the tenant allows. */

/**
 * Compares character for character, except that `*` at the head of an allowed host name stands for one
 * or more labels, as Auth0's Allowed Callback and Logout URLs have it. A fragment is never allowed
 * (RFC 6749 3.1.2).
 */
export function isCallback(uri: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(uri) || uri.includes("#")) return false;
  const url = new URL(uri);
  if (url.protocol === "javascript:" || url.protocol === "data:") return false;
  return allowed.some((pattern) => pattern === uri || matchesWildcard(url, pattern));
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
