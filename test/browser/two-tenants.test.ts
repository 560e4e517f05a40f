/** Two tenants on localhost in one browser, where cookies know no ports; and the stand-in's page. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type StartedTenant, startTenant } from "../../tenant/start-tenant.ts";
import { type CallbackPage, callbackPage } from "./application.ts";
import { startChromium } from "./chromium.ts";
import { look } from "./look.ts";
import { newPerson } from "./person.ts";
import { arriveAt, fillIn, press, readOn } from "./steps.ts";

const seedOf = (callback: string) => ({
  clients: [{ client_id: "app", name: "App", app_type: "regular_web", callbacks: [callback] }],
  connections: [
    { name: "Username-Password-Authentication", enabled_clients: ["app"] },
    {
      name: "github",
      strategy: "github",
      options: { client_id: "a", client_secret: "b", email: true },
      enabled_clients: ["app"],
    },
  ],
});
const dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), "tvk-two-")));
let back: CallbackPage;
let tenants: StartedTenant[] = [];
let browsers: Browser[] = [];

beforeAll(async () => {
  back = await callbackPage();
  const seed = seedOf(back.callback);
  tenants = await Promise.all(
    dirs.map((dir) => startTenant({ dir, port: 0, seed, githubStandIn: true })),
  );
  browsers = [await startChromium(dirs)];
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(tenants.map((tenant) => tenant.close()));
  await back?.close();
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

function authorizeUrl(
  tenant: StartedTenant | undefined,
  more: Record<string, string> = {},
): string {
  const query = {
    client_id: "app",
    redirect_uri: back.callback,
    response_type: "code",
    scope: "openid",
    ...more,
  };
  return `${tenant?.url}/authorize?${new URLSearchParams(query)}`;
}

suite("two tenants in one browser", () => {
  test("share no session: not of a user, nor of the owner", async () => {
    const [browser] = browsers;
    const [one, two] = tenants;
    if (!browser || !one || !two) throw new Error("not started");
    const person = await newPerson(browser);
    const { page } = person;
    await page.goto(authorizeUrl(one, { screen_hint: "signup" }));
    await fillIn(page, { "Email address": "alice@example.test", Password: "Tr0ub4dor&3-long" });
    await press(page, "Continue");
    await arriveAt(page, "Back at the application");
    const silent = async (tenant: StartedTenant) => {
      await page.goto(authorizeUrl(tenant, { prompt: "none" }));
      return new URL(page.url()).searchParams;
    };
    expect((await silent(one)).get("code")).toBeTruthy();
    expect((await silent(two)).get("error")).toBe("login_required");
    expect((await silent(one)).get("code")).toBeTruthy();
    await page.goto(await one.dashboardLink());
    await arriveAt(page, "Social connections");
    await page.goto(`${two.url}/dashboard`);
    await arriveAt(page, "The dashboard is its owner's");
    await page.goto(await two.dashboardLink());
    await press(page, "Sign out");
    await page.goto(`${one.url}/dashboard`);
    await arriveAt(page, "Social connections");
    await person.leave();
  });
});

suite("the GitHub stand-in", () => {
  test("is a page that names what is asked for, and leads back by keyboard", async () => {
    const [browser] = browsers;
    if (!browser) throw new Error("not started");
    const person = await newPerson(browser);
    const { page } = person;
    await page.goto(authorizeUrl(tenants[0], { connection: "github" }));
    await arriveAt(page, "GitHub stand-in");
    await readOn(page, "p", "user:email");
    expect(await look(page, "github-stand-in")).toEqual([]);
    expect(person.complaints()).toEqual([]);
    await page.keyboard.press("Enter");
    await arriveAt(page, "Back at the application");
    expect(new URL(page.url()).searchParams.get("code")).toBeTruthy();
    await person.leave();
  });
});
