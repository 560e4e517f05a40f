/** @module A fetch that carries the user's token to allowed hosts, and on no redirect elsewhere. */
import { checkUrl, type HostRule } from "./allowed-hosts.ts";
import { VaultError } from "./errors.ts";
import { type Http, send } from "./send.ts";

/** The most redirects that are followed, as in the Fetch standard. */
const MAX_HOPS = 20;
/** What goes along to another origin: any other header may be somebody's credential. */
const HARMLESS =
  /^(accept(-.+)?|content-(type|language|encoding)|user-agent|range|if-.+|cache-control)$/;

/** What `fetch` takes first. */
export type FetchInput = string | URL | Request;

/** A request, taken apart so that it can be sent again. */
export interface Outgoing {
  url: URL;
  init: RequestInit & { method: string; headers: Headers; duplex: "half" };
  /** Whether the body can be sent again. */
  repeatable: boolean;
}

/**
 * Takes apart what `fetch` takes.
 *
 * @throws {TypeError} The URL is not absolute, or the caller set Authorization, which is the vault's.
 */
export function outgoing(input: FetchInput, init: RequestInit = {}): Outgoing {
  const request = input instanceof Request ? input : undefined;
  const address = request?.url ?? `${input}`;
  // No URL in the message: it may carry user info.
  if (!URL.canParse(address)) throw new TypeError("the URL to fetch must be absolute");
  const headers = new Headers(init.headers ?? request?.headers);
  if (headers.has("authorization")) {
    throw new TypeError("the vault sets Authorization: leave it out");
  }
  const body = init.body ?? request?.body ?? null;
  // Streams of every kind, of an old browser too, and generators; text, bytes and forms are neither.
  const once =
    Symbol.asyncIterator in Object(body) || "getReader" in Object(body) || "next" in Object(body);
  return {
    url: new URL(address),
    init: {
      ...init,
      method: init.method ?? request?.method ?? "GET",
      headers,
      body,
      signal: init.signal ?? request?.signal ?? null,
      redirect: init.redirect ?? request?.redirect ?? "follow",
      // What a stream must have, and nothing else minds.
      duplex: "half",
    },
    repeatable: !once,
  };
}

/** Where the answer sends the caller, if it is a redirect. */
export function movedTo({ status, headers }: Response): string | null | false {
  return /^30[12378]$/.test(`${status}`) && headers.get("location");
}

/**
 * Follows the redirects of an answer by hand: each further address is checked against the allow-list
 * before anything is sent there, and an address of another origin gets neither the token nor any
 * header that could be a credential, then or on a way back.
 *
 * @param response The first hop's.
 * @returns The last hop's own response, and whether the token was sent there.
 *
 * @throws {VaultError} `DOMAIN_NOT_ALLOWED`, `INSECURE_URL`, `REDIRECT_REFUSED`, and those of {@link send}.
 */
export async function followed(
  http: Http,
  { url, init, repeatable }: Outgoing,
  response: Response,
  rules: readonly HostRule[],
  connection: string,
): Promise<{ response: Response; authorized: boolean }> {
  let { headers } = init;
  let next = init;
  let authorized = true;
  const drop = (which: (name: string) => boolean) => {
    // The request may be sent again from its start, with all of them.
    headers = new Headers(headers);
    next = { ...next, headers };
    for (const name of [...headers.keys()]) if (which(name)) headers.delete(name);
  };
  for (let hops = 0; ; hops++) {
    const location = movedTo(response);
    if (!location || init.redirect === "manual") return { response, authorized };
    await response.body?.cancel();
    const { status } = response;
    const { host, origin } = url;
    const refuse = (why: string) =>
      new VaultError("REDIRECT_REFUSED", `${host} answered ${status}: ${why}`, {
        connection,
        host,
        status,
        hint: "Call the final address itself.",
      });
    if (init.redirect === "error") throw refuse("redirects are off");
    if (hops >= MAX_HOPS) throw refuse(`${MAX_HOPS} redirects`);
    if (!URL.canParse(location, url.href)) throw refuse("its Location is no address");
    // 303 makes a GET of all but HEAD; 301 and 302 make one of POST, as browsers always did.
    const { method } = next;
    if (status === 303 ? !/^(get|head)$/i.test(method) : status < 303 && /^post$/i.test(method)) {
      next = { ...next, method: "GET", body: null };
      drop((name) => name.startsWith("content-"));
    } else if (next.body && !repeatable) {
      throw refuse("the body is a stream that was read");
    }
    url = new URL(location, url);
    if (url.origin !== origin) {
      authorized = false;
      drop((name) => !HARMLESS.test(name));
    }
    http.onEvent({ type: "redirect", from: host, to: url.host, status, token: authorized });
    checkUrl(url, rules, connection);
    response = await send(http, url, next, repeatable || !next.body);
  }
}
