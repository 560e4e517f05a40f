/** @module @auth0/nextjs-auth0 in a real Next.js app (next-app/), built and started, with a browser before it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { freePort } from "../free-ports.ts";
import { ScriptedBrowser } from "../tenant/authentication/scripted-browser.ts";
import {
  openWorld,
  passProvider,
  password,
  type TenantWorld,
} from "../tenant/authentication/tenant-world.ts";
import { here, nextApp, nextCommand, trusting } from "./toolchains.ts";

const dir = mkdtempSync(join(tmpdir(), "tvk-next-"));
const browser = new ScriptedBrowser();

let world: TenantWorld;
let app: ChildProcess;
let base: string;

beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  const client = { callbacks: [`${base}/auth/callback`], allowed_logout_urls: [base] };
  world = await openWorld({ client });
  const { url, caPem } = world.tenant;
  app = spawn(process.execPath, [nextCommand, "start", nextApp, "--port", String(port)], {
    cwd: here,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...trusting(caPem, dir),
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      APP_BASE_URL: base,
      // As a URL: a domain alone may not have a port.
      AUTH0_DOMAIN: url,
      AUTH0_CLIENT_ID: world.app.id,
      AUTH0_CLIENT_SECRET: world.app.secret,
      AUTH0_SECRET: "a key for the cookies of a test, and for them alone",
      PROVIDER_URL: world.provider.url,
    },
  });
  await ready(app);
});
afterAll(async () => {
  app.kill();
  await world.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Next says so on stdout; whatever it said comes with the failure. */
function ready(process: ChildProcess): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (chunk) => {
        said += chunk;
        if (said.includes("Ready in")) resolve();
      });
    }
    process.once("exit", (code) => reject(new Error(`next start ended with ${code}: ${said}`)));
  });
}

const json = async (path: string) => {
  const cookie = await browser.jar.getCookieString(base);
  const response = await fetch(base + path, { headers: { cookie } });
  return { status: response.status, body: await response.json() };
};

suite("@auth0/nextjs-auth0 in a Next.js app", () => {
  test("signs a user up at the tenant and comes back with a session", async () => {
    const anonymous = await browser.goto(base);
    expect(anonymous.page.text).toContain("Log in");
    const form = await browser.goto(`${base}/auth/login?screen_hint=signup`);
    expect(form.url.origin).toBe(world.tenant.url);
    const home = await browser.press(form, "Continue", { email: "anna@acme.test", password });
    expect(home.url.href).toBe(`${base}/`);
    expect(home.page.text).toContain("anna@acme.test");
  });

  test("serves the user's profile and an access token", async () => {
    const profile = await json("/auth/profile");
    expect(profile.body).toMatchObject({ email: "anna@acme.test", sub: expect.any(String) });
    const { status, body } = await json("/auth/access-token");
    expect(status).toBe(200);
    expect(body).toMatchObject({ token: expect.any(String), expires_at: expect.any(Number) });
  });

  test("has no token of the provider before the user has connected", async () => {
    expect(await json("/provider")).toMatchObject({
      status: 409,
      body: { cause: "federated_connection_refresh_token_not_found" },
    });
  });

  test("connects the account, with PKCE and a ticket, and gets the provider's token", async () => {
    const start = await browser.goto(`${base}/auth/connect?connection=acme-helpdesk`);
    const home = await passProvider(browser, start, "anna");
    expect(home.url.href).toBe(`${base}/`);
    expect(await json("/provider")).toMatchObject({ status: 200, body: { user_id: "desk-anna" } });
  });

  test("logs the user out, at the tenant too", async () => {
    const home = await browser.goto(`${base}/auth/logout`);
    expect(home.url.origin).toBe(base);
    expect(home.page.text).toContain("Log in");
    const again = await browser.goto(`${base}/auth/login`);
    expect(again.url.pathname).toMatch(/^\/u\/login/);
  });
});
