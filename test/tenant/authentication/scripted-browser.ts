/** @module A browser without scripts: cookies, redirects and forms over HTTP, as a person would use them. */
import { type HTMLElement, parse } from "node-html-parser";
import { CookieJar } from "tough-cookie";

/** Where the browser ended: a page of a server, or the app's callback, which nobody serves. */
export interface Visit {
  readonly url: URL;
  /** 0 at the app's callback. */
  readonly status: number;
  readonly headers: Headers;
  readonly page: HTMLElement;
}

export interface Submit {
  readonly [field: string]: string;
}

/** Origin of the app in every test; it is reserved for documents, so nothing answers there. */
export const appOrigin = "https://app.example.com";

const maxRedirects = 20;

export class ScriptedBrowser {
  readonly jar = new CookieJar(undefined, { rejectPublicSuffixes: false });

  /** Follows redirects to a page or to the app. */
  async goto(url: string | URL, init: { method?: string; form?: Submit } = {}): Promise<Visit> {
    let next = { url: new URL(url), ...init };
    for (let count = 0; count < maxRedirects; count += 1) {
      if (next.url.origin === appOrigin) {
        return { url: next.url, status: 0, headers: new Headers(), page: parse("") };
      }
      const response = await this.send(next.url, next);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) {
        const page = parse(await response.text());
        return { url: next.url, status: response.status, headers: response.headers, page };
      }
      await response.body?.cancel();
      next = { url: new URL(location, next.url) };
    }
    throw new Error(`more than ${maxRedirects} redirects`);
  }

  /** Fills the form that has the button, and presses it. */
  async press(visit: Visit, button: string, fields: Submit = {}): Promise<Visit> {
    const form = visit.page
      .querySelectorAll("form")
      .find((each) => findButton(each, button) !== undefined);
    if (form === undefined) {
      throw new Error(
        `no form with the button "${button}" on ${visit.url.pathname}: ${visit.page.text.trim()}`,
      );
    }
    const values: Record<string, string> = {};
    for (const input of form.querySelectorAll("input")) {
      const name = input.getAttribute("name");
      if (name !== undefined) values[name] = input.getAttribute("value") ?? "";
    }
    for (const name of Object.keys(fields)) {
      if (!(name in values)) throw new Error(`the form has no field "${name}"`);
    }
    const pressed = findButton(form, button);
    const name = pressed?.getAttribute("name");
    if (name !== undefined) values[name] = pressed?.getAttribute("value") ?? "";
    const url = new URL(form.getAttribute("action") ?? "", visit.url);
    return this.goto(url, { method: "POST", form: { ...values, ...fields } });
  }

  private async send(url: URL, init: { method?: string; form?: Submit }): Promise<Response> {
    const cookie = await this.jar.getCookieString(url.href);
    const response = await fetch(url, {
      method: init.method ?? "GET",
      redirect: "manual",
      headers: { accept: "text/html", ...(cookie === "" ? {} : { cookie }) },
      ...(init.form === undefined ? {} : { body: new URLSearchParams(init.form) }),
    });
    for (const each of response.headers.getSetCookie()) await this.jar.setCookie(each, url.href);
    return response;
  }
}

function findButton(form: HTMLElement, text: string): HTMLElement | undefined {
  return form
    .querySelectorAll("button")
    .find((each) => each.text.trim().replace(/\s+/g, " ") === text);
}
