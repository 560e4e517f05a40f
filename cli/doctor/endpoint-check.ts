/** @module Whether the provider behind a connection is where Auth0 can get at it. */
import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import type { Chain } from "./chain.ts";
import { type Check, failed, ok, skipped } from "./check.ts";

/** Addresses that nobody on the internet reaches (RFC 1918, 3927, 4193, 4291, 6598). */
const inner = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  inner.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  inner.addSubnet(net, bits, "ipv6");
}

/** What a proxy or a tunnel answers when nothing is behind it (530: Cloudflare). */
const nobodyBehind = new Set([502, 503, 504, 530]);

export const endpointCheck: Check = {
  id: "public_url",
  needs: ["connection"],
  run: async (chain) => {
    const { connection = "", management, session } = chain;
    const found = await management?.connection(connection);
    if (found === undefined) return skipped("seen with the Management API");
    if (found["strategy"] !== "oauth2")
      return ok("the provider's endpoints are Auth0's own affair");
    const options = (found["options"] ?? {}) as Record<string, unknown>;
    const urls = ["authorizationURL", "tokenURL"].flatMap((name) =>
      typeof options[name] === "string" ? [[name, options[name]] as const] : [],
    );
    if (urls.length === 0) return skipped("the connection's endpoints are not shown");
    for (const [name, text] of urls) {
      const broken = URL.canParse(text)
        ? await problem(chain, new URL(text))
        : `${name} is no URL: ${text}`;
      if (broken !== undefined) return failed(broken, mend(chain));
    }
    const hosts = [...new Set(urls.map(([, text]) => new URL(text).host))].join(" and ");
    return ok(
      session.profile.local
        ? `${hosts} answers`
        : `${hosts} is public and answers here; nobody can ask Auth0 whether it gets there too`,
    );
  },
};

async function problem(chain: Chain, url: URL): Promise<string | undefined> {
  const { local } = chain.session.profile;
  if (!local) {
    if (url.protocol !== "https:") return `${url.origin} is not https`;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = await lookup(host, { all: true }).catch(() => undefined);
    if (addresses === undefined) return `${host} has no address`;
    const hidden = addresses.find(({ address }) =>
      inner.check(address, isIPv6(address) ? "ipv6" : "ipv4"),
    );
    if (hidden !== undefined) {
      return `${host} is ${hidden.address}, which is not on the internet: Auth0 can't reach it`;
    }
  }
  const status = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(chain.session.timeoutMs),
  }).then(
    (response) => response.status,
    (error: Error) => ((error.cause ?? error) as NodeJS.ErrnoException).code ?? "no answer",
  );
  if (typeof status === "string") return `nothing answers at ${url.origin} (${status})`;
  return nobodyBehind.has(status)
    ? `${url.origin} answers ${status}: nothing is behind it`
    : undefined;
}

function mend(chain: Chain): string {
  const { stack, local } = chain.session.profile;
  if (stack === undefined)
    return "Correct the connection's endpoints, or start what is behind them.";
  return local
    ? `Run: tvk up --stack ${stack}`
    : `Give it a public address (helpdesk.url, service.*Endpoint or a tunnel), start what is behind it, and run: tvk up --stack ${stack}`;
}
