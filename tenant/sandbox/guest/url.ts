/** @module URL and URLSearchParams of the guest realm; the process around it does the parsing. */
import type { Bridge } from "./bridge.ts";

type Pairs = [string, string][];

/** The part of URL that the rest of the guest uses. */
export interface GuestUrl {
  readonly href: string;
  readonly searchParams: { append(name: string, value: string): void };
}

export interface GuestUrlClass {
  new (url: unknown, base?: unknown): GuestUrl;
}

const writable = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

export function urlClasses(outer: Bridge): {
  URL: GuestUrlClass;
  URLSearchParams: new (init?: unknown) => { toString(): string };
} {
  class URLSearchParams {
    #pairs: Pairs;
    #changed: (query: string) => void = () => {};
    constructor(init?: unknown) {
      this.#pairs = readPairs(outer, init);
    }
    /** Ties the object to a URL's query. */
    static of(text: string, changed: (query: string) => void): URLSearchParams {
      const params = new URLSearchParams(text);
      params.#changed = changed;
      return params;
    }
    #set(pairs: Pairs): void {
      this.#pairs = pairs;
      this.#changed(this.toString());
    }
    append(name: unknown, value: unknown): void {
      this.#set([...this.#pairs, [String(name), String(value)]]);
    }
    delete(name: unknown): void {
      this.#set(this.#pairs.filter(([known]) => known !== String(name)));
    }
    get(name: unknown): string | null {
      return this.#pairs.find(([known]) => known === String(name))?.[1] ?? null;
    }
    getAll(name: unknown): string[] {
      return this.#pairs.filter(([known]) => known === String(name)).map(([, value]) => value);
    }
    has(name: unknown): boolean {
      return this.#pairs.some(([known]) => known === String(name));
    }
    set(name: unknown, value: unknown): void {
      const at = this.#pairs.findIndex(([known]) => known === String(name));
      if (at < 0) {
        this.append(name, value);
        return;
      }
      const pairs = this.#pairs.filter(([known], index) => index === at || known !== String(name));
      pairs[at] = [String(name), String(value)];
      this.#set(pairs);
    }
    sort(): void {
      this.#set([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    forEach(visit: (value: string, name: string) => void): void {
      for (const [name, value] of this.#pairs) visit(value, name);
    }
    entries(): IterableIterator<[string, string]> {
      return this.#pairs.values();
    }
    keys(): IterableIterator<string> {
      return this.#pairs.map(([name]) => name).values();
    }
    values(): IterableIterator<string> {
      return this.#pairs.map(([, value]) => value).values();
    }
    [Symbol.iterator](): IterableIterator<[string, string]> {
      return this.entries();
    }
    get size(): number {
      return this.#pairs.length;
    }
    toString(): string {
      return outer.call<string>("writeQuery", { pairs: this.#pairs });
    }
  }

  class URL {
    #parts: Record<string, string>;
    constructor(url: unknown, base?: unknown) {
      const from = base === undefined ? {} : { base: String(base) };
      this.#parts = outer.call("url", { url: String(url), ...from });
    }
    static canParse(url: unknown, base?: unknown): boolean {
      try {
        new URL(url, base);
        return true;
      } catch {
        return false;
      }
    }
    get searchParams(): URLSearchParams {
      return URLSearchParams.of(this.part("search"), (query) => this.change("search", query));
    }
    get href(): string {
      return this.part("href");
    }
    get origin(): string {
      return this.part("origin");
    }
    toString(): string {
      return this.href;
    }
    toJSON(): string {
      return this.href;
    }
    private part(name: string): string {
      return this.#parts[name] ?? "";
    }
    private change(name: string, value: unknown): void {
      this.#parts = outer.call("url", { url: this.href, set: [name, String(value)] });
    }
    static {
      for (const name of writable) {
        Object.defineProperty(URL.prototype, name, {
          get(this: URL) {
            return this.part(name);
          },
          set(this: URL, value: unknown) {
            this.change(name, value);
          },
          configurable: true,
        });
      }
    }
  }
  return { URL, URLSearchParams };
}

function readPairs(outer: Bridge, init: unknown): Pairs {
  if (init === undefined || init === null) return [];
  if (typeof init === "object") {
    const entries =
      Symbol.iterator in init ? [...(init as Iterable<Pairs[number]>)] : Object.entries(init);
    return entries.map(([name, value]) => [String(name), String(value)]);
  }
  return outer.call<Pairs>("readQuery", { text: String(init) });
}
