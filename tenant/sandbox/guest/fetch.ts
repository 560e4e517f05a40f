/** @module fetch, Headers, Response and AbortController of the guest realm. */
import type { Bridge } from "./bridge.ts";
import type { GuestBufferClass } from "./buffer.ts";
import { type HttpAnswer, http } from "./http.ts";

interface Uses {
  readonly Buffer: GuestBufferClass;
  readonly URLSearchParams: new (init?: unknown) => { toString(): string };
  readonly setTimeout: (work: () => void, ms?: number) => number;
}

interface Init {
  method?: string;
  headers?: unknown;
  body?: unknown;
  redirect?: "follow" | "manual" | "error";
  signal?: AbortSignal;
}

/** As many as the Fetch standard follows. */
const maxRedirects = 20;

export function fetchOf(
  outer: Bridge,
  { Buffer, URLSearchParams, setTimeout }: Uses,
): Record<string, unknown> {
  class Response {
    readonly status: number;
    readonly statusText: string;
    readonly url: string;
    readonly headers: Headers;
    readonly ok: boolean;
    #body: Uint8Array;
    bodyUsed = false;
    constructor(answer: HttpAnswer) {
      this.status = answer.status;
      this.statusText = answer.statusText;
      this.url = answer.url;
      this.headers = new Headers(answer.headers);
      this.ok = answer.status >= 200 && answer.status < 300;
      this.#body = answer.body;
    }
    async bytes(): Promise<Uint8Array> {
      if (this.bodyUsed) throw new TypeError("Body is unusable: Body has already been read");
      this.bodyUsed = true;
      return this.#body;
    }
    async arrayBuffer(): Promise<ArrayBufferLike> {
      return (await this.bytes()).buffer;
    }
    async text(): Promise<string> {
      return Buffer.from(await this.bytes()).toString("utf8");
    }
    async json(): Promise<unknown> {
      return JSON.parse(await this.text());
    }
  }

  const bodyOf = (body: unknown): { bytes?: Uint8Array; type?: string } => {
    if (body === undefined || body === null) return {};
    if (body instanceof Uint8Array) return { bytes: body };
    if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body) };
    const form = body instanceof URLSearchParams;
    const type = form
      ? "application/x-www-form-urlencoded;charset=UTF-8"
      : "text/plain;charset=UTF-8";
    return { bytes: Buffer.from(String(body), "utf8"), type };
  };

  const fetch = (input: unknown, init: Init = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { signal } = init;
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
      const headers = new Headers(init.headers);
      const { bytes, type } = bodyOf(init.body);
      if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
      const redirect = init.redirect ?? "follow";
      http(
        outer,
        {
          url: String(input),
          method: (init.method ?? "GET").toUpperCase(),
          headers: [...headers],
          ...(bytes === undefined ? {} : { body: bytes }),
          maxRedirects: redirect === "follow" ? maxRedirects : 0,
        },
        (error, answer) => {
          if (answer === undefined) return reject(new TypeError("fetch failed", { cause: error }));
          if (redirect === "error" && answer.status >= 300 && answer.status < 400) {
            return reject(new TypeError("fetch failed: unexpected redirect"));
          }
          resolve(new Response(answer));
        },
      );
    });

  return { fetch, Headers, Response, ...abortClasses(setTimeout) };
}

class Headers {
  readonly #pairs = new Map<string, string>();
  constructor(init?: unknown) {
    if (typeof init !== "object" || init === null) return;
    const pairs =
      Symbol.iterator in init ? (init as Iterable<[string, unknown]>) : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }
  append(name: string, value: unknown): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${String(value)}`);
  }
  set(name: string, value: unknown): void {
    this.#pairs.set(String(name).toLowerCase(), String(value));
  }
  get(name: string): string | null {
    return this.#pairs.get(String(name).toLowerCase()) ?? null;
  }
  has(name: string): boolean {
    return this.#pairs.has(String(name).toLowerCase());
  }
  delete(name: string): void {
    this.#pairs.delete(String(name).toLowerCase());
  }
  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this.#pairs) visit(value, name);
  }
  entries(): IterableIterator<[string, string]> {
    return this.#pairs.entries();
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

function abortClasses(setTimeout: Uses["setTimeout"]): Record<string, unknown> {
  class AbortSignal {
    aborted = false;
    reason: unknown;
    readonly #listeners: (() => void)[] = [];
    static timeout(ms: number): AbortSignal {
      const controller = new AbortController();
      setTimeout(
        () => controller.abort(named("TimeoutError", "The operation was aborted due to timeout")),
        ms,
      );
      return controller.signal;
    }
    addEventListener(_type: string, listener: () => void): void {
      this.#listeners.push(listener);
    }
    throwIfAborted(): void {
      if (this.aborted) throw this.reason;
    }
    /** Called by the controller. */
    static abort(signal: AbortSignal, reason: unknown): void {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason;
      for (const listener of signal.#listeners) listener();
    }
  }
  class AbortController {
    readonly signal = new AbortSignal();
    abort(reason: unknown = named("AbortError", "This operation was aborted")): void {
      AbortSignal.abort(this.signal, reason);
    }
  }
  return { AbortSignal, AbortController };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
