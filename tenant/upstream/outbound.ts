/** @module Every HTTP request that the tenant sends on its own account: with a network rule, limits and no ambient state. */
import { lookup as resolve } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** One request to a provider or, for a script, to wherever the script asked. */
export interface OutboundRequest {
  readonly url: string;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
  /** How many redirects are followed; default 0: the redirect itself is the answer. */
  readonly maxRedirects?: number;
  /** Largest answer body in bytes; default 1 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds for the whole exchange, redirects included; default 20 000. */
  readonly timeoutMs?: number;
}

/** What came back, body read to its end. */
export interface OutboundAnswer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

/** A request that was not sent, or not answered. `code` is Node's or one of ours. */
export class OutboundError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutboundError";
    this.code = code;
  }
}

const userAgent = "token-vault-kit-tenant";
const defaultMaxBytes = 1024 * 1024;
const defaultTimeoutMs = 20_000;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const credentialHeaders = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * Sends one request.
 *
 * The network rule: `http:` and `https:` only, and never an address at which a cloud keeps
 * instance credentials (link-local, and the known unique-local and shared ones). The rule is applied to the
 * address that the socket connects to, so a name that resolves there, a number form of the
 * address and a redirect are refused alike. Loopback is allowed: this is the local tenant.
 *
 * @throws {OutboundError} Refused by the rule, not reachable, too large or too late.
 */
export async function outbound(request: OutboundRequest): Promise<OutboundAnswer> {
  const signal = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs);
  let current = request;
  for (let followed = 0; ; followed += 1) {
    const answer = await once(current, signal);
    const location = answer.headers.find(([name]) => name === "location")?.[1];
    if (!redirectStatuses.has(answer.status) || location === undefined) return answer;
    if (followed >= (request.maxRedirects ?? 0)) {
      if (request.maxRedirects === undefined || request.maxRedirects === 0) return answer;
      throw new OutboundError("TOO_MANY_REDIRECTS", `more than ${request.maxRedirects} redirects`);
    }
    current = redirected(current, answer.status, location);
  }
}

/** {@link outbound} in the shape of `fetch`, for libraries; follows no redirect. */
export async function outboundFetch(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: unknown },
): Promise<Response> {
  const body = init.body === undefined || init.body === null ? undefined : String(init.body);
  const answer = await outbound({
    url,
    method: init.method ?? "GET",
    headers: Object.entries(init.headers ?? {}),
    ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  });
  const empty = answer.status === 204 || answer.status === 304;
  return new Response(empty ? null : Uint8Array.from(answer.body), {
    status: answer.status,
    statusText: answer.statusText,
    headers: answer.headers.map(([name, value]): [string, string] => [name, value]),
  });
}

function redirected(request: OutboundRequest, status: number, location: string): OutboundRequest {
  const from = new URL(request.url);
  const to = parse(new URL(location, from).href);
  const method = request.method ?? "GET";
  const becomesGet = status === 303 || ((status === 301 || status === 302) && method === "POST");
  const headers = (request.headers ?? []).filter(([name]) => {
    const lower = name.toLowerCase();
    if (credentialHeaders.has(lower)) return to.origin === from.origin;
    return !(becomesGet && lower.startsWith("content-"));
  });
  const { body, ...rest } = request;
  return {
    ...rest,
    url: to.href,
    method: becomesGet ? "GET" : method,
    headers,
    ...(becomesGet || body === undefined ? {} : { body }),
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new OutboundError("INVALID_URL", "the URL can't be read");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new OutboundError(
      "REFUSED_SCHEME",
      `only http and https are allowed, not "${url.protocol}"`,
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) allowAddress(host, host);
  return url;
}

async function once(request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
  const url = parse(request.url);
  const headers: Record<string, string> = {
    "user-agent": userAgent,
    "accept-encoding": "identity",
  };
  for (const [name, value] of request.headers ?? []) headers[name.toLowerCase()] = value;
  if (request.body !== undefined) headers["content-length"] = String(request.body.byteLength);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((settle, fail) => {
    try {
      const sent = send(
        url,
        { method: request.method ?? "GET", headers, signal, lookup: guardedLookup, agent: false },
        settle,
      );
      sent.on("error", (cause) => fail(unreachable(url, cause, signal)));
      sent.end(request.body);
    } catch (cause) {
      fail(unreachable(url, cause, signal));
    }
  });
  const body = await readBody(response, url, request.maxBytes ?? defaultMaxBytes, signal);
  return {
    url: url.href,
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? "",
    headers: headerPairs(response),
    body,
  };
}

async function readBody(
  response: IncomingMessage,
  url: URL,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        response.destroy();
        throw new OutboundError("TOO_LARGE", `${url.host} answered more than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return decoded(Buffer.concat(chunks), response.headers["content-encoding"], maxBytes);
  } catch (cause) {
    throw cause instanceof OutboundError ? cause : unreachable(url, cause, signal);
  }
}

function decoded(body: Buffer, encoding: string | undefined, maxOutputLength: number): Uint8Array {
  if (encoding === "gzip") return gunzipSync(body, { maxOutputLength });
  if (encoding === "deflate") return inflateSync(body, { maxOutputLength });
  if (encoding === "br") return brotliDecompressSync(body, { maxOutputLength });
  return body;
}

function headerPairs(response: IncomingMessage): (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    pairs.push([(response.rawHeaders[at] ?? "").toLowerCase(), response.rawHeaders[at + 1] ?? ""]);
  }
  return pairs.filter(([name]) => name !== "content-encoding");
}

function unreachable(url: URL, cause: unknown, signal: AbortSignal): OutboundError {
  if (cause instanceof OutboundError) return cause;
  if (signal.aborted)
    return new OutboundError("TIMEOUT", `${url.host} didn't answer in time`, { cause });
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "UNREACHABLE";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OutboundError(
    code,
    reason === "" ? `can't connect to ${url.host} (${code})` : reason,
    { cause },
  );
}

/** Resolves, checks every address, and hands exactly those to the socket: what was checked is what is used. */
const guardedLookup: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    try {
      for (const { address } of addresses) allowAddress(address, hostname);
    } catch (refusal) {
      return done(refusal as OutboundError, []);
    }
    const first = addresses[0];
    if (options.all === true || first === undefined) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};

function allowAddress(address: string, host: string): void {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (!metadataAddresses().check(address, family)) return;
  throw new OutboundError(
    "REFUSED_ADDRESS",
    `"${host}" is a link-local or metadata address, which the tenant never calls`,
  );
}

let metadataList: BlockList | undefined;

function metadataAddresses(): BlockList {
  if (metadataList !== undefined) return metadataList;
  metadataList = new BlockList();
  metadataList.addSubnet("169.254.0.0", 16, "ipv4");
  metadataList.addSubnet("fe80::", 10, "ipv6");
  metadataList.addAddress("fd00:ec2::254", "ipv6");
  metadataList.addAddress("fd20:ce::254", "ipv6");
  metadataList.addAddress("100.100.100.200", "ipv4");
  metadataList.addAddress("168.63.129.16", "ipv4");
  return metadataList;
}
