/** @module Under which address a request counts: the public one, unless its host is trusted by name. */
import type { IncomingMessage } from "node:http";

export interface OriginOptions {
  readonly publicUrl: string;
  /** Hosts, exact or `*.example.com`. */
  readonly trustedHosts: readonly string[];
}

/**
 * The origin that is the issuer, and the base of every URL, of a request.
 *
 * A request of the back channel comes to another address than the browser's and still belongs to
 * the public one. A tunnel whose address nobody knew at the start is recognised by the host it
 * names (`X-Forwarded-Host`, else `Host`), but only where the operator has listed that host: any
 * other could be written by the caller.
 */
export function requestOrigin(request: IncomingMessage, options: OriginOptions): string {
  const { publicUrl, trustedHosts } = options;
  for (const host of [first(request.headers["x-forwarded-host"]), request.headers.host]) {
    if (host === undefined || !isTrusted(host, trustedHosts)) continue;
    const scheme = first(request.headers["x-forwarded-proto"]) === "http" ? "http" : "https";
    return URL.parse(`${scheme}://${host}`)?.origin ?? publicUrl;
  }
  return publicUrl;
}

/** Rewrites the request's headers, so that all that reads them sees this origin. */
export function presentAs(request: IncomingMessage, origin: string): void {
  const { host, protocol } = new URL(origin);
  request.headers.host = host;
  request.headers["x-forwarded-proto"] = protocol.slice(0, -1);
  delete request.headers["x-forwarded-host"];
  delete request.headers["forwarded"];
}

/** The origin that {@link presentAs} has put into the request. */
export function presentedOrigin(request: IncomingMessage): string {
  return `${request.headers["x-forwarded-proto"]}://${request.headers.host}`;
}

function isTrusted(host: string, trustedHosts: readonly string[]): boolean {
  const name = host.toLowerCase();
  return trustedHosts.some((entry) => {
    const trusted = entry.toLowerCase();
    if (!trusted.startsWith("*.")) return name === trusted;
    return name.endsWith(trusted.slice(1)) && /^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/.test(name);
  });
}

function first(header: string | string[] | undefined): string | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  return value?.split(",")[0]?.trim();
}
