/** @module Which addresses may be called: the allow-list of hosts, and the rule about schemes. */
import { VaultError } from "./errors.ts";

/** One entry of the allow-list, normalised. */
export interface HostRule {
  /** Lower case, IDN as punycode, IPv6 in brackets, without trailing dot. */
  host: string;
  /** `*.host`: every sub-domain at any depth, not the host itself. */
  subdomains: boolean;
  /** Only this port; without it every port. */
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
    const text = subdomains ? entry.slice(2) : entry;
    // The URL parser is the one that fetch uses: what it makes of a name is what will be called.
    const url = /^[^\s/?#@\\*]+$/.test(text) ? parse(`http://${text}`) : undefined;
    if (!url?.hostname) {
      throw new TypeError(`allowedDomains: "${entry}" is not a host, "*." host or host:port`);
    }
    return { host: bare(url.hostname), subdomains, port: /:(\d+)$/.exec(text)?.[1] };
  });
}

/**
 * Refuses an address to which no user's token and no request on a user's behalf may go.
 *
 * @throws {VaultError} `INSECURE_URL`: not https (or http to loopback), or it carries user info.
 * `DOMAIN_NOT_ALLOWED`: no rule covers the host.
 */
export function checkUrl(url: URL, rules: readonly HostRule[], connection: string): void {
  const host = bare(url.hostname);
  const detail = { connection, host: url.host };
  if (url.username || url.password) {
    throw new VaultError("INSECURE_URL", `the URL of ${url.host} carries user info`, detail);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(host))) {
    throw new VaultError("INSECURE_URL", `${url.protocol}//${url.host} is not https`, detail);
  }
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const allowed = rules.some(
    (rule) =>
      (rule.subdomains ? host.endsWith(`.${rule.host}`) : host === rule.host) &&
      (rule.port === undefined || Number(rule.port) === Number(port)),
  );
  if (!allowed) {
    throw new VaultError(
      "DOMAIN_NOT_ALLOWED",
      `${url.host} is not an allowed domain of "${connection}"`,
      detail,
    );
  }
}

/** Is this host this machine, by name or address? */
export function isLoopback(host: string): boolean {
  return /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(bare(host));
}

function parse(text: string) {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function bare(host: string) {
  return host.replace(/\.$/, "");
}
