/** @module The login pages: sign in, sign up, consent, and what guards them. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser, type Visit } from "../authentication/scripted-browser.ts";
import {
  callback,
  openWorld,
  password,
  type Row,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
let databaseId: string;

beforeAll(async () => {
  world = await openWorld();
  await world.signUp("alice@example.com");
  const { body } = await world.api<Row[]>("GET", "/connections?strategy=auth0");
  databaseId = String(body[0]?.id);
});
afterAll(() => world.close());

const open = async (params: Record<string, string> = {}) => {
  const browser = new ScriptedBrowser();
  return { browser, page: await browser.goto(world.authorizeUrl(params)) };
};
const alertOf = ({ page }: Visit) =>
  page.querySelector("[role=alert]")?.text.trim().replace(/\s+/g, " ");
const answerOf = ({ url }: Visit) => Object.fromEntries(url.searchParams);

// parity: GET /u/login | (inferred)
suite("sign-in page", () => {
  test("greets for the application, and offers its connections", async () => {
    const { page } = await open();
    expect(page.page.querySelector("title")?.text).toBe("Sign in to Agent");
    const buttons = page.page.querySelectorAll("button").map(({ text }) => text.trim());
    expect(buttons).toEqual(["Continue", "Continue with Acme-helpdesk"]);
    expect(page.page.querySelector(".switch a")?.text).toBe("Sign up");
  });

  test("has a label for each field, and its own kind of keyboard and autocompletion", async () => {
    const { page } = await open();
    for (const input of page.page.querySelectorAll("input:not([type=hidden])")) {
      const label = page.page.querySelector(`label[for=${input.getAttribute("id")}]`);
      expect(label?.text).not.toBe("");
    }
    expect(page.page.querySelector("html")?.getAttribute("lang")).toBe("en");
    expect(page.page.querySelector("#password")?.getAttribute("autocomplete")).toBe(
      "current-password",
    );
  });

  test("allows no inline script or style, no frame and no cache", async () => {
    const { page } = await open();
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("script-src");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(page.page.querySelector("script, style, [style], [onclick]")).toBeNull();
    const style = await fetch(`${world.tenant.url}/u/style.css`);
    expect(style.headers.get("content-type")).toContain("text/css");
  });

  test("says the same to a wrong password and an unknown email, and keeps the email", async () => {
    const { browser, page } = await open();
    const wrong = await browser.press(page, "Continue", {
      username: "alice@example.com",
      password: "x",
    });
    expect({ status: wrong.status, alert: alertOf(wrong) }).toEqual({
      status: 400,
      alert: "Wrong email or password",
    });
    expect(wrong.page.querySelector("#username")?.getAttribute("value")).toBe("alice@example.com");
    const unknown = await browser.press(wrong, "Continue", {
      username: "nobody@example.com",
      password,
    });
    expect(alertOf(unknown)).toBe("Wrong email or password");
    const right = await browser.press(unknown, "Continue", {
      username: "alice@example.com",
      password,
    });
    expect(answerOf(right)).toHaveProperty("code");
    expect(await world.log("fp")).toHaveLength(1);
    expect(await world.log("fu")).toHaveLength(1);
  });

  test("shows what was typed and what an application is called as text", async () => {
    const { browser, page } = await open();
    const typed = '"><script>alert(1)</script>';
    const again = await browser.press(page, "Continue", { username: typed, password: "x" });
    expect(again.page.querySelector("script")).toBeNull();
    expect(again.page.querySelector("#username")?.getAttribute("value")).toBe(typed);
  });

  test("offers a connection by its display name where it has one", async () => {
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, { display_name: "The Helpdesk" });
    const { page } = await open();
    await world.api("PATCH", path, { display_name: "acme-helpdesk" });
    expect(page.page.text).toContain("Continue with The Helpdesk");
  });

  // parity: | docs: Connected Accounts for Token Vault
  test("offers no connection whose authentication is off", async () => {
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, { authentication: { active: false } });
    const { page } = await open();
    await world.api("PATCH", path, { authentication: { active: true } });
    expect(page.page.text).not.toContain("Continue with");
  });
});

// parity: POST /u/login | (inferred)
suite("what guards the forms", () => {
  test("another browser can't go on with a login", async () => {
    const { page } = await open();
    const stranger = await new ScriptedBrowser().goto(page.url);
    expect(stranger.status).toBe(400);
    expect(alertOf(stranger)).toContain("begun in another browser");
  });

  test("a form needs the token of its page", async () => {
    const { browser, page } = await open();
    const state = page.url.searchParams.get("state") ?? "";
    const form = { state, username: "alice@example.com", password, form_token: "forged" };
    const forged = await browser.goto(`${world.tenant.url}/u/login`, { method: "POST", form });
    expect(forged.status).toBe(400);
    expect(alertOf(forged)).toContain("out of date");
  });

  test("a login is over once the app has its code", async () => {
    const { browser, page } = await open();
    const fields = { username: "alice@example.com", password };
    expect(answerOf(await browser.press(page, "Continue", fields))).toHaveProperty("code");
    expect((await browser.press(page, "Continue", fields)).status).toBe(400);
  });

  test("a login ends after an hour", async () => {
    const { browser, page } = await open();
    world.passSeconds(3601);
    expect((await browser.goto(page.url)).status).toBe(400);
  });

  test.each(["/u/login", "/u/signup", "/u/consent"])(
    "%s without a login is an error page",
    async (path) => {
      const page = await new ScriptedBrowser().goto(`${world.tenant.url}${path}?state=none`);
      expect(page.status).toBe(400);
    },
  );

  test("the session is another one after each login", async () => {
    const user = await world.signUp("fixed@example.com");
    const sessionOf = () =>
      user.browser.jar.getCookiesSync(world.tenant.url).find(({ key }) => key.endsWith("_session"))
        ?.value;
    const before = sessionOf();
    const page = await user.browser.goto(world.authorizeUrl({ prompt: "login" }));
    await user.browser.press(page, "Continue", { username: "fixed@example.com", password });
    expect(sessionOf()).not.toBe(before);
    user.browser.jar.setCookieSync(
      `${sessionName(user.browser)}=${before}; Secure; Path=/`,
      world.tenant.url,
    );
    expect((await user.browser.goto(world.authorizeUrl())).url.pathname).toBe("/u/login");
  });
});

function sessionName(browser: ScriptedBrowser): string {
  return (
    browser.jar.getCookiesSync(world.tenant.url).find(({ key }) => key.endsWith("_session"))?.key ??
    ""
  );
}

// parity: GET /u/signup, POST /u/signup | docs: password strength; (inferred)
suite("sign-up page", () => {
  const weak = [
    "At least 8 characters in length",
    "At least 3 of: lower case letters (a-z), upper case letters (A-Z), numbers (0-9), special characters (!@#$%^&*)",
  ];

  test.each(["Short-1", "onlylowercase", "lower123"])(
    "refuses the weak password %s, and says why",
    async (tried) => {
      const { browser, page } = await open({ screen_hint: "signup" });
      const again = await browser.press(page, "Continue", {
        email: "new@example.com",
        password: tried,
      });
      const rules = again.page.querySelectorAll("[role=alert] li").map(({ text }) => text);
      expect({ status: again.status, rules }).toEqual({ status: 400, rules: weak });
      expect(again.page.querySelector("#email")?.getAttribute("value")).toBe("new@example.com");
    },
  );

  test("refuses an email that is none, and one that is taken without saying so", async () => {
    const { browser, page } = await open({ screen_hint: "signup" });
    const none = await browser.press(page, "Continue", { email: "nothing", password });
    expect(alertOf(none)).toBe("Email is not valid.");
    const taken = await browser.press(none, "Continue", { email: "Alice@example.com", password });
    expect(alertOf(taken)).toBe("Something went wrong, please try again later");
  });

  test("is closed where the connection says so", async () => {
    const { body } = await world.api<{ options: Row }>("GET", `/connections/${databaseId}`);
    await world.api("PATCH", `/connections/${databaseId}`, {
      options: { ...body.options, disable_signup: true },
    });
    const { page } = await open();
    const signup = await open({ screen_hint: "signup" });
    await world.api("PATCH", `/connections/${databaseId}`, { options: body.options });
    expect(page.page.text).not.toContain("Sign up");
    expect(signup.page.status).toBe(400);
  });

  test("makes the user as the Management API shows it", async () => {
    const user = await world.signUp("Carol@Example.com");
    const { body } = await world.api("GET", userPath(user));
    expect(body).toMatchObject({
      email: "carol@example.com",
      email_verified: false,
      name: "carol@example.com",
      nickname: "carol",
      identities: [
        { provider: "auth0", connection: "Username-Password-Authentication", isSocial: false },
      ],
    });
    expect(JSON.stringify(body)).not.toContain("scrypt");
  });
});

// parity: GET /u/consent | docs: user consent
suite("consent page", () => {
  const audience = "https://tickets.example.com";

  beforeAll(async () => {
    await world.api("POST", "/resource-servers", {
      identifier: audience,
      name: "Tickets API",
      scopes: [
        { value: "read:tickets", description: "Read your tickets" },
        { value: "write:tickets" },
      ],
      allow_offline_access: true,
    });
  });

  test("asks a first-party app's user for an API that does not skip consent, once", async () => {
    const params = { audience, scope: "openid read:tickets write:tickets" };
    const user = await world.signUp("consent@example.com");
    const page = await user.browser.goto(world.authorizeUrl(params));
    expect(page.url.pathname).toBe("/u/consent");
    expect(page.page.text).toContain("Tickets API");
    const asked = page.page.querySelectorAll(".permissions li").map(({ text }) => text);
    expect(asked).toEqual(["Know who you are", "read:tickets: Read your tickets", "write:tickets"]);
    expect(answerOf(await user.browser.press(page, "Accept"))).toHaveProperty("code");
    expect(answerOf(await user.browser.goto(world.authorizeUrl(params)))).toHaveProperty("code");
    const forced = await user.browser.goto(world.authorizeUrl({ ...params, prompt: "consent" }));
    expect(forced.url.pathname).toBe("/u/consent");
    expect(answerOf(await user.browser.press(forced, "Accept"))).toHaveProperty("code");
  });

  test("asks again for more than was allowed", async () => {
    const user = await world.signUp("more@example.com");
    const first = await user.browser.goto(
      world.authorizeUrl({ audience, scope: "openid read:tickets" }),
    );
    await user.browser.press(first, "Accept");
    const more = await user.browser.goto(
      world.authorizeUrl({ audience, scope: "openid write:tickets" }),
    );
    expect(more.url.pathname).toBe("/u/consent");
  });

  test("tells the app when the user declines, and remembers nothing", async () => {
    const user = await world.signUp("decline@example.com");
    const url = world.authorizeUrl({ audience, scope: "openid read:tickets" });
    const declined = await user.browser.press(await user.browser.goto(url), "Decline");
    expect(answerOf(declined)).toEqual({
      error: "access_denied",
      error_description: "User did not authorize the request",
      state: "app-state",
    });
    expect((await user.browser.goto(url)).url.pathname).toBe("/u/consent");
    const silent = await user.browser.goto(
      world.authorizeUrl({ audience, scope: "openid read:tickets", prompt: "none" }),
    );
    expect(answerOf(silent)).toMatchObject({ error: "consent_required" });
  });

  test("asks for a loopback callback although the API skips consent", async () => {
    const skipping = "https://skipping.example.com";
    const local = "http://127.0.0.1:18484/callback";
    await world.api("POST", "/resource-servers", {
      identifier: skipping,
      skip_consent_for_verifiable_first_party_clients: true,
    });
    await world.api("PATCH", `/clients/${world.app.id}`, { callbacks: [callback, local] });
    const user = await world.signUp("local@example.com");
    const hosted = await user.browser.goto(
      world.authorizeUrl({ audience: skipping, scope: "openid" }),
    );
    expect(answerOf(hosted)).toHaveProperty("code");
    const params = { audience: skipping, scope: "openid profile", redirect_uri: local };
    expect((await user.browser.goto(world.authorizeUrl(params))).url.pathname).toBe("/u/consent");
  });
});
