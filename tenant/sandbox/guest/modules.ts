/** @module What a script may `require`. */
import type { Bridge } from "./bridge.ts";
import { bytesToLatin1, type GuestBuffer, type GuestBufferClass } from "./buffer.ts";
import { format, show } from "./console.ts";

interface Uses {
  readonly Buffer: GuestBufferClass;
  readonly URL: unknown;
  readonly URLSearchParams: unknown;
  readonly request: unknown;
}

type Bytes = string | Uint8Array;

export function moduleLoader(outer: Bridge, uses: Uses): (name: unknown) => unknown {
  const { Buffer, URL, URLSearchParams, request } = uses;
  const modules = new Map<string, unknown>([
    ["buffer", { Buffer }],
    ["crypto", cryptoModule(outer, Buffer)],
    [
      "jsonwebtoken",
      {
        decode: (token: unknown, options?: { complete?: boolean }) =>
          decodeJwt(token, options, Buffer),
      },
    ],
    ["querystring", querystringModule()],
    ["request", request],
    ["url", { URL, URLSearchParams, parse: (url: unknown) => legacyUrl(outer, String(url)) }],
    ["util", utilModule()],
  ]);
  return (name) => {
    const module = modules.get(String(name).replace(/^node:/, ""));
    if (module !== undefined) return module;
    const allowed = [...modules.keys()].join(", ");
    throw new Error(`Cannot find module '${String(name)}': this sandbox has ${allowed}`);
  };
}

function cryptoModule(outer: Bridge, Buffer: GuestBufferClass): Record<string, unknown> {
  const bytes = (value: Bytes, encoding?: string) =>
    bytesToLatin1(typeof value === "string" ? Buffer.from(value, encoding) : value);
  const digester = (finish: (all: string) => string) => {
    let all = "";
    const chain = {
      update(value: Bytes, encoding?: string) {
        all += bytes(value, encoding);
        return chain;
      },
      digest(encoding?: string): GuestBuffer | string {
        const result = Buffer.from(finish(all), "latin1");
        return encoding === undefined ? result : result.toString(encoding);
      },
    };
    return chain;
  };
  return {
    createHash: (algorithm: string) =>
      digester((all) => outer.call("hash", { algorithm, bytes: all })),
    createHmac: (algorithm: string, key: Bytes) =>
      digester((all) => outer.call("hmac", { algorithm, key: bytes(key), bytes: all })),
    getHashes: () => outer.call<string[]>("hashes"),
    randomBytes: (size: number) =>
      Buffer.from(outer.call<string>("randomBytes", { size }), "latin1"),
    randomUUID: () => outer.call<string>("randomUUID"),
    timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
      if (a.length !== b.length)
        throw new RangeError("Input buffers must have the same byte length");
      let difference = 0;
      for (let at = 0; at < a.length; at += 1) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
      return difference === 0;
    },
  };
}

/** `url.parse` of an absolute URL; the parts of anything else are null. */
function legacyUrl(outer: Bridge, url: string): Record<string, unknown> {
  const parts = [
    "protocol",
    "auth",
    "host",
    "port",
    "hostname",
    "hash",
    "search",
    "query",
    "pathname",
    "path",
  ];
  const none = Object.fromEntries(parts.map((part) => [part, null]));
  try {
    const read = outer.call<Record<string, string>>("url", { url });
    const { username, password, search = "", pathname = "" } = read;
    const auth = username === "" ? null : `${username}${password === "" ? "" : `:${password}`}`;
    const own = Object.fromEntries(
      parts.map((part) => [part, read[part] === "" ? null : (read[part] ?? null)]),
    );
    return {
      ...none,
      ...own,
      auth,
      query: search.slice(1) || null,
      path: `${pathname}${search}`,
      href: read["href"],
    };
  } catch {
    return { ...none, href: url };
  }
}

/** Reads a JWT without checking it, as `jsonwebtoken.decode` does. */
function decodeJwt(
  token: unknown,
  options: { complete?: boolean } | undefined,
  Buffer: GuestBufferClass,
): unknown {
  const [header = "", payload = "", signature = ""] = String(token).split(".");
  try {
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    const claims = read(payload);
    return options?.complete === true
      ? { header: read(header), payload: claims, signature }
      : claims;
  } catch {
    return null;
  }
}

function querystringModule(): Record<string, unknown> {
  const plain = (text: string) => decodeURIComponent(text.replace(/\+/g, " "));
  const parse = (text: string): Record<string, string | string[]> => {
    const result: Record<string, string | string[]> = {};
    for (const part of String(text).split("&").filter(Boolean)) {
      const [name = "", ...rest] = part.split("=");
      const key = plain(name);
      const value = plain(rest.join("="));
      const before = result[key];
      result[key] =
        before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
    }
    return result;
  };
  const stringify = (values: Record<string, unknown>): string =>
    Object.entries(values)
      .flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((each) => [name, each]),
      )
      .map(
        ([name, value]) =>
          `${encodeURIComponent(String(name))}=${encodeURIComponent(String(value ?? ""))}`,
      )
      .join("&");
  return {
    parse,
    stringify,
    decode: parse,
    encode: stringify,
    escape: encodeURIComponent,
    unescape: plain,
  };
}

function utilModule(): Record<string, unknown> {
  type Called = (...values: unknown[]) => void;
  return {
    format,
    inspect: show,
    isArray: Array.isArray,
    inherits(child: { prototype: object }, parent: { prototype: object }): void {
      Object.setPrototypeOf(child.prototype, parent.prototype);
    },
    promisify:
      (work: Called) =>
      (...values: unknown[]): Promise<unknown> =>
        new Promise((resolve, reject) => {
          work(...values, (error: unknown, value: unknown) =>
            error ? reject(error) : resolve(value),
          );
        }),
  };
}
