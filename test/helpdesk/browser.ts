/** @module A browser over plain HTTP: keeps cookies by path, follows redirects, fills in forms. */

export interface PageView {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

const maxRedirects = 10;

/**
 * A browser that stays at one origin: a redirect to any other is not followed but returned.
 *
 * @param origin Where it browses, e.g. `http://127.0.0.1:4000`.
 * @param headers Sent with every request, as a tunnel would.
 */
export class Browser {
  readonly #origin: string;
  readonly #headers: Record<string, string>;
  readonly #cookies = new Map<string, Cookie>();

  constructor(origin: string, headers: Record<string, string> = {}) {
    this.#origin = origin;
    this.#headers = headers;
  }

  async open(path: string): Promise<PageView> {
    return this.#go(new URL(path, this.#origin), { method: "GET" });
  }

  /** Sends the form whose action ends so, with the hidden fields of the page. */
  async submit(page: PageView, action: string, fields: Record<string, string>): Promise<PageView> {
    const { target, hidden } = formOf(page.html, action);
    const body = new URLSearchParams({ ...hidden, ...fields });
    return this.#go(new URL(target, page.url), { method: "POST", body });
  }

  cookieNames(): string[] {
    return [...this.#cookies.values()].map(({ name }) => name);
  }

  async #go(start: URL, init: RequestInit): Promise<PageView> {
    let [url, request] = [start, init];
    for (let hop = 0; hop < maxRedirects; hop++) {
      const headers = { ...this.#headers, cookie: this.#cookieHeader(url.pathname) };
      const response = await fetch(url, { ...request, headers, redirect: "manual" });
      this.#keep(response.headers.getSetCookie());
      const location = response.headers.get("location");
      if (location === null) return this.#view(url, response);
      const next = new URL(location, url);
      if (next.origin !== this.#origin) return this.#view(next, response);
      [url, request] = [next, { method: "GET" }];
    }
    throw new Error(`more than ${maxRedirects} redirects, the last to ${url.pathname}`);
  }

  async #view(url: URL, response: Response): Promise<PageView> {
    const { status, headers } = response;
    return { url: url.href, status, headers, html: await response.text() };
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? "/";
      const gone = attributes.some((part) => /^expires=.*1970/i.test(part));
      if (gone) this.#cookies.delete(`${path} ${name}`);
      else this.#cookies.set(`${path} ${name}`, { name, value, path });
    }
  }

  #cookieHeader(pathname: string): string {
    return [...this.#cookies.values()]
      .filter(({ path }) => path === "/" || `${pathname}/`.startsWith(`${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }
}

function formOf(html: string, action: string): { target: string; hidden: Record<string, string> } {
  for (const [, target = "", content = ""] of html.matchAll(
    /<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gs,
  )) {
    if (!target.endsWith(action)) continue;
    const inputs = content.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
    return {
      target,
      hidden: Object.fromEntries([...inputs].map(([, name, value]) => [name, value])),
    };
  }
  throw new Error(`the page has no form for ${action}`);
}
