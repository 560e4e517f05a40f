/** The dashboard, in a browser: the three click-throughs of the tutorial, users, the live log, reset. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, suite, test } from "vitest";
import { type StartedTenant, startTenant } from "../../tenant/start-tenant.ts";
import { managementOf, trustTenant } from "../tenant/owner/management-of.ts";
import { startChromium } from "./chromium.ts";
import { look } from "./look.ts";
import { newPerson, type Person } from "./person.ts";
import { arriveAt, fillIn, press, readOn } from "./steps.ts";

const dir = mkdtempSync(join(tmpdir(), "tvk-dashboard-"));
let tenant: StartedTenant;
let browser: Browser;
let person: Person;
let page: Page;

beforeAll(async () => {
  tenant = await startTenant({ dir, port: 0 });
  trustTenant(tenant);
  browser = await startChromium(dir);
});
afterAll(async () => {
  await browser?.close();
  await tenant?.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  person = await newPerson(browser);
  page = person.page;
  onTestFinished(async () => {
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });
});

const api = (method: string, path: string, body?: unknown) =>
  managementOf(tenant, method, path, body);

async function signIn(): Promise<void> {
  await page.goto(await tenant.dashboardLink());
  await arriveAt(page, "Social connections");
}

async function newClient(name: string): Promise<string> {
  const { body } = await api("POST", "/clients", { name, app_type: "regular_web" });
  return String(body["client_id"]);
}

suite("the dashboard's login", () => {
  test("shows a stranger how to get in, and nothing else", async () => {
    await page.goto(tenant.url);
    await arriveAt(page, "The dashboard is its owner's");
    expect(await page.locator("main").textContent()).toContain("tvk tenant open");
    expect(await page.getByRole("navigation").count()).toBe(0);
    expect(await look(page, "dashboard-stranger")).toEqual([]);
  });

  test("lets one browser in by a link, and no second one", async () => {
    const link = await tenant.dashboardLink();
    await page.goto(link);
    await arriveAt(page, "Social connections");
    expect(page.url()).not.toContain("link=");
    const second = await newPerson(browser);
    await second.page.goto(link);
    await readOn(second.page, "main", "used before");
    expect(second.complaints()).toEqual([]);
    await second.leave();
    await press(page, "Sign out");
    await arriveAt(page, "The dashboard is its owner's");
  });
});

suite("Authentication → Social", () => {
  test("creates the custom connection, opens it to Token Vault, and enables it for an application", async () => {
    const clientId = await newClient("auth0-tv");
    await signIn();
    expect(await look(page, "dashboard-connections-empty")).toEqual([]);
    await page.getByRole("link", { name: "Create connection" }).click();
    await arriveAt(page, "Create a connection");
    expect(await look(page, "dashboard-choose")).toEqual([]);
    await page.getByRole("link", { name: /^Custom OAuth2/ }).click();
    await arriveAt(page, "New Custom OAuth2 connection");
    expect(await page.getByLabel("Fetch user profile script").inputValue()).toContain("user_id");
    expect(await look(page, "dashboard-create")).toEqual([]);
    await page.getByLabel("Connected Accounts for Token Vault").uncheck();
    await page.getByLabel("Name", { exact: true }).fill("acme-helpdesk");
    await fillIn(page, {
      "Authorization URL": "https://helpdesk.example/authorize",
      "Token URL": "https://helpdesk.example/token",
      "Client ID": "auth0-custom-oauth2",
      "Client secret": "a-secret-that-is-not-shown",
    });
    await page.getByLabel(/^Scope/).fill("openid profile read:tickets");
    await press(page, "Create");
    await readOn(page, "[role=status]", "Created.");
    await page.getByRole("switch", { name: "Connected Accounts for Token Vault" }).click();
    await readOn(page, "[role=status]", "Connected Accounts for Token Vault is on.");
    await page.getByRole("switch", { name: "Enabled for auth0-tv" }).click();
    await readOn(page, "[role=status]", "The application can use it.");
    expect(await page.content()).not.toContain("a-secret-that-is-not-shown");
    expect(await look(page, "dashboard-connection")).toEqual([]);
    const { body } = await api("GET", "/connections?name=acme-helpdesk");
    const [connection] = body as unknown as { id: string }[];
    expect(connection).toMatchObject({
      strategy: "oauth2",
      connected_accounts: { active: true },
      options: {
        client_secret: "a-secret-that-is-not-shown",
        scope: "openid profile read:tickets",
      },
    });
    const enabled = await api("GET", `/connections/${connection?.id}/clients`);
    expect(enabled.body).toEqual({ clients: [{ client_id: clientId }] });
    await page.getByRole("link", { name: "Social connections" }).click();
    await arriveAt(page, "Social connections");
    expect(await look(page, "dashboard-connections")).toEqual([]);
  });

  test("says what the Management API refuses, in its words, by the field", async () => {
    await signIn();
    await page.goto(`${tenant.url}/dashboard/connections/new/oauth2`);
    await page.getByLabel("Name", { exact: true }).fill("two words");
    await fillIn(page, {
      "Authorization URL": "https://helpdesk.example/authorize",
      "Token URL": "https://helpdesk.example/token",
      "Client ID": "x",
    });
    await press(page, "Create");
    await readOn(page, "#name-problem", "String does not match pattern");
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("two words");
    expect(await page.locator(":focus").getAttribute("id")).toBe("name");
    await page.getByLabel("Name", { exact: true }).fill("fine");
    await page.getByLabel("Token URL").fill("ftp://helpdesk.example/token");
    await press(page, "Create");
    await readOn(page, "#options-tokenURL-problem", "options.tokenURL");
    expect(await look(page, "dashboard-create-refused")).toEqual([]);
  });

  test("needs no mouse and no JavaScript", async () => {
    const cautious = await newPerson(browser, { javaScriptEnabled: false });
    await cautious.page.goto(await tenant.dashboardLink());
    const vault = cautious.page.getByRole("switch", { name: "Authentication" });
    await cautious.page.goto(`${tenant.url}/dashboard/connections/new/github`);
    await cautious.page.getByLabel("Client ID").focus();
    await cautious.page.keyboard.type("github-client");
    await cautious.page.keyboard.press("Enter");
    await readOn(cautious.page, "[role=status]", "Created.");
    await vault.focus();
    await cautious.page.keyboard.press("Space");
    await readOn(cautious.page, "[role=status]", "Users can't sign in with it.");
    expect(await vault.getAttribute("aria-checked")).toBe("false");
    expect(cautious.complaints()).toEqual([]);
    await cautious.leave();
  });
});

suite("users, logs and reset", () => {
  test("shows a user and the search for one", async () => {
    await api("POST", "/users", {
      connection: "Username-Password-Authentication",
      email: "alice@example.test",
      password: "Tr0ub4dor&3-long",
    });
    await signIn();
    await page.getByRole("link", { name: "Users" }).click();
    await arriveAt(page, "Users");
    expect(await look(page, "dashboard-users")).toEqual([]);
    await page.getByLabel(/^Search/).fill("nobody@");
    await page.keyboard.press("Enter");
    await readOn(page, ".empty", "No user matches.");
    await page.getByLabel(/^Search/).fill("ALICE");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: /alice@example.test/ }).click();
    await arriveAt(page, "alice@example.test");
    expect(await look(page, "dashboard-user")).toEqual([]);
  });

  test("shows live what is refused and why, and counts a field without effect", async () => {
    await signIn();
    await page.getByRole("link", { name: "Logs" }).click();
    await readOn(page, "#live", "Live");
    const refused = page.locator(".event", { hasText: "Refused · feccft" });
    const before = await refused.count();
    const { status } = await exchangeAsNobody();
    expect(status).toBe(401);
    await refused.nth(before).waitFor();
    await refused.first().locator("summary").click();
    await readOn(page, ".why", "Why was this refused?");
    await readOn(page, ".why", "invalid_client");
    expect(await page.locator("#dropped").textContent()).not.toContain("getLogoutUrl");
    const scripts = { getLogoutUrl: "function () {}" };
    await api("POST", "/connections", { name: "later", strategy: "oauth2", options: { scripts } });
    await readOn(page, "#dropped", "options.scripts.getLogoutUrl");
    expect(await look(page, "dashboard-logs")).toEqual([]);
  });

  test("resets only after the word, and keeps the owner in", async () => {
    await api("POST", "/connections", { name: "goes", strategy: "oauth2", options: {} });
    await signIn();
    await page.getByRole("link", { name: "Reset" }).click();
    await arriveAt(page, "Reset");
    expect(await look(page, "dashboard-reset")).toEqual([]);
    await page.getByLabel(/^Type/).fill("yes");
    await press(page, "Reset the tenant");
    await readOn(page, "#confirm-problem", "Nothing was removed");
    await page.getByLabel(/^Type/).fill("reset");
    await press(page, "Reset the tenant");
    await readOn(page, "[role=status]", "The tenant is as new.");
    const { body } = await api("GET", "/connections");
    expect(body).toMatchObject([{ name: "Username-Password-Authentication" }]);
    expect(body).toHaveLength(1);
  });
});

async function exchangeAsNobody(): Promise<Response> {
  return fetch(`${tenant.url}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: "nobody",
      client_secret: "nothing",
      audience: `${tenant.url}/api/v2/`,
    }),
  });
}
