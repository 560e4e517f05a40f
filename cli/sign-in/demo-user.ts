/** @module A scripted user: reads pages, fills forms and clicks, over HTTP, on this machine's own tenant only. */
import { type HTMLElement, parse } from "node-html-parser";
import { Cookie, CookieJar } from "tough-cookie";

/** Who the scripted user is, and what they agree to. */
export interface DemoUser {
  readonly email: string;
  readonly password: string;
  /** Text of the button or link to press where a page offers a choice of ways to sign in. */
  readonly signInWith?: string;
}

/** Alice, as the helpdesk seeds her. Her password is public: the tutorial prints it. */
export const alice: DemoUser = {
  email: "alice@acme.test",
  password: "demo1234",
  signInWith: "Continue with",
};

/** Thrown when a page is not what the scripted user knows. */
class DemoUserError extends Error {
  readonly code = "DEMO_USER_LOST";
  readonly hint = "Open the printed page in a browser and go on by hand, or run `tvk tenant logs`.";
  constructor(message: string) {
    super(message);
    this.name = "DemoUserError";
  }
}

/** A page asks for one thing at a time; more steps than this is a loop. */
const maxSteps = 30;

/**
 * Makes a visitor that goes from `url` to the first address that answers without a page to act on:
 * the callback of whoever sent it. Signs in and consents as a person would; nothing is bypassed.
 * One visitor is one browser: its cookies stay from visit to visit.
 *
 * @throws {DemoUserError} `DEMO_USER_LOST`: a host that is not on this machine, or an unknown page.
 */
export function demoVisitor(user: DemoUser): (url: string) => Promise<void> {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false });
  return async (url) => {
    let step: Step = { url: new URL(url), method: "GET" };
    for (let count = 0; count < maxSteps; count++) {
      const response = await send(jar, step);
      const next = await nextStep(response, step.url, user);
      if (next === undefined) return;
      step = next;
    }
    throw new DemoUserError(`no end after ${maxSteps} pages; the last was ${shown(step.url)}`);
  };
}

interface Step {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly form?: URLSearchParams;
}

async function send(jar: CookieJar, step: Step): Promise<Response> {
  refuseOthers(step.url);
  const cookie = await jar.getCookieString(step.url.href);
  const response = await fetch(step.url, {
    method: step.method,
    redirect: "manual",
    headers: { accept: "text/html", ...(cookie === "" ? {} : { cookie }) },
    ...(step.form === undefined ? {} : { body: step.form }),
  });
  for (const each of response.headers.getSetCookie()) {
    const cookie = Cookie.parse(each);
    if (cookie === undefined) continue;
    if (cookie.expires instanceof Date) {
      cookie.expires = new Date(cookie.expires.getTime() + ahead(response));
    }
    await jar.setCookie(cookie, step.url.href, { ignoreError: true });
  }
  return response;
}

/** How far our clock is ahead of the server's, in milliseconds: a cookie ends by the server's, as in Chrome. */
function ahead({ headers }: Response): number {
  const theirs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(theirs) ? 0 : Date.now() - theirs;
}

/** Fail closed: a script that types a known password has no business anywhere but on loopback. */
function refuseOthers(url: URL): void {
  const { hostname } = url;
  if (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)) return;
  throw new DemoUserError(`the scripted user stays on this machine and was sent to ${url.host}`);
}

async function nextStep(response: Response, at: URL, user: DemoUser): Promise<Step | undefined> {
  const location = response.headers.get("location");
  if (response.status >= 300 && response.status < 400 && location !== null) {
    await response.body?.cancel();
    return { url: new URL(location, at), method: "GET" };
  }
  const page = parse(await response.text());
  // The pages that end a visit are ours to show and have nothing to press.
  if (page.querySelector("form") === null && response.ok) return undefined;
  if (!response.ok)
    throw new DemoUserError(`${shown(at)} answered ${response.status}: ${headline(page)}`);
  return chosenLink(page, at, user) ?? filledForm(page, at, user);
}

/** "Continue with …" when the page offers it: a form with one button, or a link. */
function chosenLink(page: HTMLElement, at: URL, user: DemoUser): Step | undefined {
  const wanted = user.signInWith;
  if (wanted === undefined) return undefined;
  const link = page.querySelectorAll("a").find(({ text }) => text.trim().startsWith(wanted));
  const href = link?.getAttribute("href");
  if (href !== undefined) return { url: new URL(href, at), method: "GET" };
  const form = page.querySelectorAll("form").find((each) => submitOf(each, wanted) !== undefined);
  return form === undefined ? undefined : submit(form, at, submitOf(form, wanted), user);
}

function filledForm(page: HTMLElement, at: URL, user: DemoUser): Step {
  const forms = page.querySelectorAll("form");
  const withPassword = forms.find((form) => form.querySelector("input[type=password]") !== null);
  const consent = forms.find((form) => submitOf(form, "Allow") ?? submitOf(form, "Accept"));
  const form = withPassword ?? consent;
  if (form === undefined)
    throw new DemoUserError(`${shown(at)} is a page unknown to the script: ${headline(page)}`);
  if (withPassword !== undefined && page.querySelector("[role=alert]") !== null) {
    throw new DemoUserError(
      `${shown(at)} refused ${user.email}: ${page.querySelector("[role=alert]")?.text.trim()}`,
    );
  }
  const button =
    submitOf(form, "Allow") ?? submitOf(form, "Accept") ?? form.querySelector("button");
  return submit(form, at, button ?? undefined, user);
}

function submitOf(form: HTMLElement, label: string): HTMLElement | undefined {
  return form.querySelectorAll("button, input[type=submit]").find((each) => {
    const text = each.text.trim() || (each.getAttribute("value") ?? "");
    return text.startsWith(label);
  });
}

/** What a browser sends: each named field's value, ours where the person types, and the pressed button. */
function submit(form: HTMLElement, at: URL, button: HTMLElement | undefined, user: DemoUser): Step {
  const fields = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    const name = input.getAttribute("name");
    const type = input.getAttribute("type") ?? "text";
    if (name === undefined || type === "submit") continue;
    if (type === "checkbox" && !input.hasAttribute("checked")) continue;
    fields.append(name, typed(type, name, user) ?? input.getAttribute("value") ?? "");
  }
  const pressed = button?.getAttribute("name");
  if (pressed !== undefined) fields.append(pressed, button?.getAttribute("value") ?? "");
  const url = new URL(form.getAttribute("action") ?? "", at);
  if ((form.getAttribute("method") ?? "get").toLowerCase() === "post")
    return { url, method: "POST", form: fields };
  url.search = fields.toString();
  return { url, method: "GET" };
}

function typed(type: string, name: string, user: DemoUser): string | undefined {
  if (type === "password") return user.password;
  return type === "email" || /^(email|username|login)$/.test(name) ? user.email : undefined;
}

function headline(page: HTMLElement): string {
  return (page.querySelector("h1") ?? page.querySelector("title"))?.text.trim() ?? "no heading";
}

/** Without the query: that is where codes and state travel. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
