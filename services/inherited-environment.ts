/** @module What a service gets of its caller's environment: nothing that could be a secret. */

/**
 * Where programs and files are, language, time zone, certificates and proxies. Everything else, the
 * credentials of the tenant among it, stays with the caller: a service is given what its spec says.
 */
const inherited =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|NODE_COMPILE_CACHE|https?_proxy|no_proxy|SSH_AUTH_SOCK)$/i;

/** The part of `env` that a service inherits. */
export function inheritedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && inherited.test(name)) kept[name] = value;
  }
  return kept;
}
