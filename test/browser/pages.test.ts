/** The pages that the chain does not lead through: as they are opened by a link, a mistake or a stranger. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, suite, test } from "vitest";
import { startCallbackServer } from "../../cli/sign-in/callback-server.ts";
import { freePorts } from "../free-ports.ts";
import { type Application, thirdPartyApplication } from "./application.ts";
import { type BrowserWorld, browserWorld } from "./browser-world.ts";
import { look } from "./look.ts";
import type { Person } from "./person.ts";
import { arriveAt, fillIn, press, readOn } from "./steps.ts";

const longName = `Évil & 'Sons' "Very-Long-Unbreakable-Application-Name-Of-A-Subsidiary" GmbH`;

let world: BrowserWorld;
let application: Application;
let person: Person;
let page: Page;

beforeAll(async () => {
  world = await browserWorld();
  application = await thirdPartyApplication(world, longName);
});
afterAll(async () => {
  await application?.close();
  await world?.close();
});
beforeEach(async () => {
  person = await world.person();
  page = person.page;
  onTestFinished(async () => {
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });
});

function loginUrl(more: Readonly<Record<string, string>> = {}): string {
  const query = {
    client_id: world.clientId,
    redirect_uri: "http://127.0.0.1:18484/callback",
    response_type: "code",
    scope: "openid",
    ...more,
  };
  return `${world.tenant}/authorize?${new URLSearchParams(query)}`;
}

function helpdeskUrl(more: Readonly<Record<string, string>> = {}): string {
  const query = {
    client_id: "auth0-custom-oauth2",
    redirect_uri: `${world.tenant}/login/callback`,
    response_type: "code",
    scope: "openid profile read:tickets",
    ...more,
  };
  return `${world.helpdesk}/authorize?${new URLSearchParams(query)}`;
}

async function signUp(email: string): Promise<void> {
  await page.getByRole("link", { name: "Sign up" }).click();
  await fillIn(page, { "Email address": email, Password: "Tr0ub4dor&3-long" });
  await press(page, "Continue");
}

/** The page that the browser is at, by its heading, in all its looks. */
async function showing(heading: string, name: string): Promise<void> {
  await arriveAt(page, heading);
  expect(await look(page, name)).toEqual([]);
}

suite("the tenant's pages", () => {
  test("the sign-in page has the cursor in its first field", async () => {
    await page.goto(loginUrl());
    expect(await page.locator(":focus").getAttribute("name")).toBe("username");
    await showing("Welcome", "tenant-sign-in");
  });

  test("the sign-up page has the cursor in its first field", async () => {
    await page.goto(loginUrl({ screen_hint: "signup" }));
    expect(await page.locator(":focus").getAttribute("name")).toBe("email");
    await showing("Create an account", "tenant-sign-up");
  });

  test("a taken address is refused without saying that it is taken", async () => {
    await page.goto(application.authorizeUrl());
    await signUp("taken@example.test");
    await arriveAt(page, `Authorize ${longName}`);
    await page.context().clearCookies();
    await page.goto(application.authorizeUrl());
    await signUp("taken@example.test");
    expect(await page.getByRole("alert").textContent()).toContain("Something went wrong");
    await showing("Create an account", "tenant-sign-up-refused");
  });

  test("the consent page shows a stranger's name as text, and what it asks for", async () => {
    await page.goto(application.authorizeUrl());
    await showing("Welcome", "tenant-sign-in-long-name");
    await signUp("grace@example.test");
    await readOn(page, "li", "your email address");
    await showing(`Authorize ${longName}`, "tenant-consent");
    await press(page, "Accept");
    await arriveAt(page, "Back at the application");
    expect(application.answers.at(-1)?.get("code")).toBeTruthy();
  });

  test("Decline brings the person back to the application, with access_denied", async () => {
    await page.goto(application.authorizeUrl());
    await signUp("heidi@example.test");
    await press(page, "Decline");
    await arriveAt(page, "Back at the application");
    expect(application.answers.at(-1)?.get("error")).toBe("access_denied");
  });

  test("an answer by form post goes on by itself", async () => {
    await page.goto(application.authorizeUrl({ response_mode: "form_post" }));
    await signUp("ivan@example.test");
    await press(page, "Accept");
    await arriveAt(page, "Back at the application");
    expect(application.answers.at(-1)?.get("code")).toBeTruthy();
  });

  test("an answer by form post has a button where there is no JavaScript", async () => {
    const cautious = await world.person({ javaScriptEnabled: false });
    await cautious.page.goto(
      application.authorizeUrl({ response_mode: "form_post", prompt: "none" }),
    );
    await arriveAt(cautious.page, "Almost there");
    await press(cautious.page, "Continue");
    await arriveAt(cautious.page, "Back at the application");
    expect(application.answers.at(-1)?.get("error")).toBe("login_required");
    expect(cautious.complaints()).toEqual([]);
    await cautious.leave();
  });

  test("a callback mismatch names the address and leads nowhere", async () => {
    const address = `https://evil.example/${"callback-".repeat(12)}`;
    await page.goto(loginUrl({ redirect_uri: address }));
    expect(await page.getByRole("alert").textContent()).toContain(address);
    expect(await page.locator("a, button").count()).toBe(0);
    await showing("Callback URL mismatch.", "tenant-callback-mismatch");
  });

  test("an unknown client is named", async () => {
    await page.goto(loginUrl({ client_id: "nobody" }));
    expect(await page.getByRole("alert").textContent()).toContain("nobody");
    await showing("Oops!, something went wrong", "tenant-unknown-client");
  });

  test.for([
    ["a sign-in that has ended", "/u/login?state=gone", "tenant-ended-sign-in"],
    ["a provider's answer to no question", "/login/callback?code=x&state=gone", "tenant-bad-state"],
    [
      "a logout to a foreign place",
      "/v2/logout?returnTo=https://evil.example/",
      "tenant-bad-logout",
    ],
  ] as const)("%s is a page that says so", async ([, path, name]) => {
    await page.goto(world.tenant + path);
    await showing("Oops!, something went wrong", name);
  });

  test("a link to connect that was used is a page that says what to do", async () => {
    await page.goto(`${world.tenant}/connected-accounts/connect?ticket=used`);
    expect(await page.getByRole("alert").textContent()).toContain("connect again");
    expect(await look(page, "tenant-used-ticket")).toEqual([]);
  });

  test("the end of a logout is a page", async () => {
    await page.goto(`${world.tenant}/v2/logout`);
    await showing("Signed out", "tenant-signed-out");
  });
});

suite("the helpdesk's pages", () => {
  test("the sign-in page has the cursor in its first field and shows the demo accounts", async () => {
    await page.goto(helpdeskUrl());
    expect(await page.locator(":focus").getAttribute("name")).toBe("email");
    expect(await page.locator("main").textContent()).toContain("alice@acme.test");
    await showing("Sign in to Acme Helpdesk", "helpdesk-sign-in");
  });

  test("too many wrong passwords: the page says how long to wait", async () => {
    await page.goto(helpdeskUrl());
    const alert = page.getByRole("alert");
    for (let tries = 0; tries < 20; tries++) {
      await fillIn(page, { "E-mail": "bob@acme.test", Password: `wrong ${tries}` });
      await Promise.all([page.waitForEvent("load"), press(page, "Sign in")]);
      if ((await alert.textContent())?.includes("Too many")) break;
    }
    expect(await alert.textContent()).toMatch(/Wait \d+ seconds/);
    await showing("Sign in to Acme Helpdesk", "helpdesk-too-many-tries");
  });

  test("an unknown client, and a sign-in that has expired, are pages that say so", async () => {
    await page.goto(helpdeskUrl({ client_id: "nobody" }));
    await readOn(page, "p", "tell whoever runs it");
    await showing("The request can't be completed", "helpdesk-unknown-client");
    await page.goto(`${world.helpdesk}/interaction/gone`);
    await showing("This sign-in has expired", "helpdesk-expired");
  });
});

suite("the page that tvk shows at the end", () => {
  test("shows its text as text, and a second visit that it is over", async () => {
    const [port] = await freePorts(1);
    const server = await startCallbackServer(port);
    const second = await world.person();
    const arrived = page.goto(`${server.redirectUri}?code=x`);
    await server.callback;
    await second.page.goto(server.redirectUri);
    await arriveAt(second.page, "Done already");
    expect(await look(second.page, "cli-done-already")).toEqual([]);
    expect(second.complaints()).toEqual([]);
    await second.leave();
    await server.end({ ok: true, text: `"<i>desk</i>" is connected. You can close this window.` });
    await arrived;
    expect(await page.locator("p").textContent()).toContain("<i>desk</i>");
    await showing("Done", "cli-connected");
  });
});
