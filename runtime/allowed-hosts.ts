/** @module Which addresses may be called: the allow-list of hosts, and the rule about schemes. */
import { VaultError } from "./errors.ts";

/** One entry of the allow-list, normalised. */
export interface HostRule {
  /**
   * Lower case, IDN as punycode, IPv6 in brackets, without trailing dot. With a dot in front: every
   * sub-domain at any depth, not the host itself.
   */
  host: string;
  /** Only this port, as a URL has it; without it every port. */
  port: string | undefined;
}

/**
 * Reads an allow-list: `api.example.com`, `*.example.com`, `localhost:3001`, `[::1]`.
 *
 * @throws {TypeError} An entry is not a host: it has a scheme, a path, user info, or a lone `*`.
 */
export function hostRules(entries: readonly string[]): HostRule[] {
  return entries.map((entry) => {
    const subdomains = entry.startsWith("*.");
    const name = subdomains ? entry.slice(2) : entry;
    const url = `http://${name}`;
    // The URL parser is the one that fetch uses: what it makes of a name is what will be called.
    if (!/^[^\s/?#@\\*]+$/.test(name) || !URL.canParse(url)) {
      throw new TypeError(`"${entry}" in allowedDomains is no host`);
    }
    const [, port] = /:0*(\d+)$/.exec(name) ?? [];
    const host = (subdomains ? "." : "") + bare(new URL(url).hostname);
    return { host, port };
  });
}

/**
 * Refuses an address to which no user's token and no request on a user's behalf may go.
 *
 * @throws {VaultError} `INSECURE_URL`: not https (or http to loopback), or it carries user info.
 * `DOMAIN_NOT_ALLOWED`: no rule covers the host.
 */
export function checkUrl(url: URL, rules: readonly HostRule[], connection: string): void {
  const { host, protocol } = url;
  const name = bare(url.hostname);
  const secure = protocol === "https:";
  if (url.username || url.password || !(secure || (protocol === "http:" && isLoopback(name)))) {
    throw new VaultError("INSECURE_URL", `${protocol}//${host} is not https or carries user info`, {
      connection,
      host,
      hint: "Use https without user info; http is for loopback only.",
    });
  }
  const port = url.port || (secure ? "443" : "80");
  const covers = (rule: HostRule) =>
    (rule.host[0] === "." ? name.endsWith(rule.host) : name === rule.host) &&
    (rule.port ?? port) === port;
  if (!rules.some(covers)) {
    throw new VaultError(
      "DOMAIN_NOT_ALLOWED",
      `${host} is not an allowed domain of "${connection}"`,
      {
        connection,
        host,
        hint: "Add the host to allowedDomains if it may see the user's token.",
      },
    );
  }
}

/** Is this host this machine, by name or address? */
export function isLoopback(host: string): boolean {
  return /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])\.?$/.test(host);
}

function bare(host: string) {
  return host.replace(/\.$/, "");
}
