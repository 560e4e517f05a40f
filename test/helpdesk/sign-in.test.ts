/** @module The sign-in and consent pages: what they show, what they refuse. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import { loginAttempts } from "../../helpdesk/login-attempts.ts";
import { Browser, type PageView } from "./browser.ts";
import { authorizePath, signIn, start } from "./connected.ts";

let helpdesk: Helpdesk;
beforeAll(async () => {
  helpdesk = await start();
});
afterAll(() => helpdesk.close());

async function loginPage(parameters = {}): Promise<{ browser: Browser; page: PageView }> {
  const browser = new Browser(helpdesk.url);
  return { browser, page: await browser.open(authorizePath(parameters)) };
}

async function consentPage(parameters = {}): Promise<{ browser: Browser; page: PageView }> {
  const { browser, page } = await loginPage(parameters);
  return { browser, page: await signIn(browser, page) };
}

suite("sign-in page", () => {
  test("shows the demo accounts", async () => {
    const { page } = await loginPage();
    for (const text of ["alice@acme.test", "bob@acme.test", "carol@acme.test", "demo1234"]) {
      expect(page.html).toContain(`<code>${text}</code>`);
    }
  });

  test("has a label for every field that is typed into", async () => {
    const { page } = await loginPage();
    const ids = [...page.html.matchAll(/<input id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(["email", "password"]);
    for (const id of ids) expect(page.html).toContain(`<label for="${id}">`);
  });

  test("fills in the login_hint, escaped", async () => {
    const { page } = await loginPage({ login_hint: `"><script>alert(1)</script>` });
    expect(page.html).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.html).not.toContain("<script");
  });

  test("allows no script, no frame and no foreign style", async () => {
    const { page } = await loginPage();
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(page.headers.get("cache-control")).toBe("no-store");
  });

  test("allows its own style, by its hash", async () => {
    const { page } = await loginPage();
    const style = /<style>(.*?)<\/style>/s.exec(page.html)?.[1] ?? "";
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page.headers.get("content-security-policy")).toContain(`'sha256-${hash}'`);
  });

  test("says the same for a wrong password and for an unknown account", async () => {
    const { browser, page } = await loginPage();
    const tried = [];
    for (const email of ["alice@acme.test", "nobody@acme.test"]) {
      const again = await browser.submit(page, "/login", { email, password: "wrong" });
      tried.push([again.status, again.html.replace(`value="${email}"`, "")]);
    }
    expect(tried[0]?.[0]).toBe(403);
    expect(tried[0]?.[1]).toContain("The e-mail or the password is wrong.");
    expect(tried[1]).toEqual(tried[0]);
  });

  test("lets the person in after a wrong try, whatever the case of the e-mail", async () => {
    const { browser, page } = await loginPage();
    const again = await browser.submit(page, "/login", { email: "alice@acme.test", password: "x" });
    const credentials = { email: " Alice@ACME.test ", password: "demo1234" };
    const consent = await browser.submit(again, "/login", credentials);
    expect(consent.html).toContain("Allow Auth0 to use your helpdesk account?");
  });

  test("says to wait after ten wrong tries at one account, and lets others in", async () => {
    const own = await start();
    try {
      const browser = new Browser(own.url);
      const page = await browser.open(authorizePath());
      const tryBob = (password: string) =>
        browser.submit(page, "/login", { email: "bob@acme.test", password });
      for (let tries = 0; tries < 10; tries++) expect((await tryBob("wrong")).status).toBe(403);
      const refused = await tryBob("demo1234");
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(refused.html).toContain("Too many tries");
      expect((await signIn(browser, page, "alice")).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  test("refuses a form of more than 16 KiB", async () => {
    const { browser, page } = await loginPage();
    const big = { email: "alice@acme.test", password: "x".repeat(20_000) };
    expect((await browser.submit(page, "/login", big)).status).toBe(413);
  });
});

suite("consent page", () => {
  test("says who asks, whose account it is, and what for, in plain words", async () => {
    const { page } = await consentPage({ scope: "openid profile read:tickets write:tickets" });
    expect(page.html).toContain("<strong>Auth0</strong>");
    expect(page.html).toContain("<code>acme.example</code>");
    expect(page.html).toContain("alice@acme.test");
    expect([...page.html.matchAll(/<li>(.*?)<\/li>/g)].map(([, text]) => text)).toEqual([
      "Know which helpdesk account is yours",
      "See your name and e-mail address",
      "Read your tickets and those of your colleagues",
      "Open tickets and change them in your name",
    ]);
  });

  test("names only what is asked for", async () => {
    const { page } = await consentPage({ scope: "read:tickets" });
    expect([...page.html.matchAll(/<li>/g)]).toHaveLength(1);
    expect(page.html).not.toContain("change them");
  });
});

suite("forms of the pages", () => {
  test.each(["login", "consent", "switch"])(
    "refuses /%s without the page's own value",
    async (step) => {
      const { browser, page } = step === "login" ? await loginPage() : await consentPage();
      const fields = { csrf: "forged", email: "alice@acme.test", password: "demo1234" };
      const refused = await browser.submit(page, `/${step}`, { ...fields, decision: "allow" });
      expect(refused.status).toBe(403);
      expect(refused.html).toContain("did not come from this page");
    },
  );

  test("refuses the value of another interaction", async () => {
    const [mine, theirs] = [await consentPage(), await consentPage()];
    const csrf = /name="csrf" value="([^"]+)"/.exec(theirs.page.html)?.[1] ?? "";
    const refused = await mine.browser.submit(mine.page, "/consent", { csrf, decision: "allow" });
    expect(refused.status).toBe(403);
  });

  test("refuses a browser that says the form is another site's", async () => {
    const browser = new Browser(helpdesk.url, { "sec-fetch-site": "cross-site" });
    const refused = await signIn(browser, await browser.open(authorizePath()));
    expect(refused.status).toBe(403);
  });

  test("refuses a browser without the interaction's cookie", async () => {
    const { page } = await consentPage();
    const stranger = new Browser(helpdesk.url);
    const refused = await stranger.submit(page, "/consent", { decision: "allow" });
    expect(refused.status).toBe(400);
    expect(refused.html).toContain("This sign-in has expired");
  });

  test("refuses a step that was taken already", async () => {
    const { browser, page } = await consentPage();
    await browser.submit(page, "/consent", { decision: "allow" });
    const again = await browser.submit(page, "/consent", { decision: "allow" });
    expect(again.status).toBe(400);
  });

  test("shows the sign-in form again to a consent that comes before it", async () => {
    const { browser, page } = await loginPage();
    const uid = new URL(page.url).pathname;
    const html = page.html.replace(`${uid}/login`, `${uid}/consent`);
    const shown = await browser.submit({ ...page, html }, "/consent", { decision: "allow" });
    expect(shown.html).toContain('name="password"');
  });

  test("keeps its cookies from scripts and from other sites", async () => {
    const response = await fetch(helpdesk.url + authorizePath(), { redirect: "manual" });
    const cookies = response.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=lax/i);
      expect(cookie).toMatch(/^helpdesk_[0-9a-f]{8}_/);
    }
  });
});

suite("loginAttempts()", () => {
  test("opens the account again when the minute is over, and at once after a success", () => {
    let time = 0;
    const attempts = loginAttempts(2, 60_000, () => time);
    const take = () => attempts.take("a");
    expect([take(), take(), take()]).toEqual([0, 0, 60]);
    time = 59_500;
    expect(take()).toBe(1);
    time = 60_000;
    expect([take(), take(), take()]).toEqual([0, 0, 60]);
    attempts.clear("a");
    expect(take()).toBe(0);
  });

  test("holds no more than ten thousand accounts", () => {
    const attempts = loginAttempts(1, 60_000, () => 0);
    attempts.take("first");
    for (let each = 0; each < 10_000; each++) attempts.take(`account ${each}`);
    expect(attempts.take("first")).toBe(0);
    expect(attempts.take("account 9999")).toBe(60);
  });
});

suite("an error of the helpdesk itself", () => {
  test("is told to the operator, and nothing of it to the browser", async () => {
    const errors: Error[] = [];
    const folder = mkdtempSync(join(tmpdir(), "helpdesk-"));
    const database = join(folder, "helpdesk.db");
    const own = await start({ database }, { onServerError: (error) => errors.push(error) });
    try {
      const other = new DatabaseSync(database);
      other.exec("DROP TABLE oauth_artifacts");
      other.close();
      const page = await new Browser(own.url).open(authorizePath());
      expect(page.status).toBe(500);
      expect(page.html).toContain("<code>server_error</code>");
      expect(page.html).not.toContain("oauth_artifacts");
      const list = await fetch(`${own.url}/tickets`, { headers: { authorization: "Bearer x" } });
      expect(list.status).toBe(500);
      expect(await list.text()).not.toContain("oauth_artifacts");
      expect(errors.map(({ message }) => message)).toEqual([
        "no such table: oauth_artifacts",
        "no such table: oauth_artifacts",
      ]);
    } finally {
      await own.close();
      rmSync(folder, { recursive: true });
    }
  });
});
