/** @module A fetch that looks where a host's name leads, and goes to no private address. */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { VaultError } from "../index.ts";

export interface NodeGuardOptions {
  /** Gives the addresses of a name; default the system's resolver. */
  resolve?: (host: string) => Promise<readonly string[]>;
  /** Default the global one. */
  fetch?: typeof fetch;
}

/** What is not the public internet: RFC 6890 and its successors, multicast, carrier NAT, metadata. */
const notPublic = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24",
  "192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
  "::/127 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10",
  "fec0::/10 ff00::/8",
]
  .join(" ")
  .split(" ");

/**
 * Wraps `fetch` for the option of that name: each request and each hop of a redirect is refused when
 * the name of its host leads to a private, link-local or loopback address. A host that is loopback by
 * its own name (`localhost`, `127.0.0.1`) is left to `allowedDomains`, and so is the tenant's.
 *
 * The name is looked up once here and once by `fetch`: a name server that answers differently within
 * that moment is not held off. `allowedDomains` is the wall, this is the second one.
 *
 * @throws {VaultError} `DOMAIN_NOT_ALLOWED`.
 *
 * @example
 * ```ts
 * const vault = new TokenVault({ ...options, fetch: nodeGuard() });
 * ```
 */
export function nodeGuard(options: NodeGuardOptions = {}): typeof fetch {
  const { resolve = systemResolve, fetch: inner = globalThis.fetch } = options;
  const blocked = blockList();
  return async (input, init) => {
    const { hostname, host } = new URL(input instanceof Request ? input.url : input);
    const name = hostname.replace(/^\[|\]$|\.$/g, "");
    if (!/^((.+\.)?localhost|127(\.\d+){3}|::1)$/.test(name)) {
      const addresses = isIP(name) ? [name] : await resolve(name);
      const bad = addresses.find((address) => blocked(address));
      if (bad !== undefined) {
        throw new VaultError("DOMAIN_NOT_ALLOWED", `${host} leads to the private address ${bad}`, {
          host,
          hint: "Call a host with a public address, or leave nodeGuard out where this one is meant.",
        });
      }
    }
    return inner(input, init);
  };
}

async function systemResolve(host: string) {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function blockList() {
  const list = new BlockList();
  for (const range of notPublic) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), family(address));
  }
  return (address: string) => list.check(address, family(address));
}

function family(address: string) {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
