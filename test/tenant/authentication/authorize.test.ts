/** @module /authorize: what is answered where, and what is never redirected. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser, type Visit } from "./scripted-browser.ts";
import {
  callback,
  openWorld,
  password,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
});
afterAll(() => world.close());

const visit = (params: Record<string, string>, browser = new ScriptedBrowser()): Promise<Visit> =>
  browser.goto(world.authorizeUrl(params));
const answerOf = ({ url }: Visit) => Object.fromEntries(url.searchParams);
const headline = ({ page }: Visit) => page.querySelector("h1")?.text.trim();

// parity: GET /authorize | docs: error pages, quickstarts
suite("/authorize, shown on a page and never redirected", () => {
  test("names the URI that is not an allowed callback", async () => {
    const page = await visit({ redirect_uri: "https://evil.example.net/callback" });
    expect(page.url.origin).toBe(world.tenant.url);
    expect({ status: page.status, headline: headline(page) }).toEqual({
      status: 403,
      headline: "Callback URL mismatch.",
    });
    expect(page.page.text).toContain("https://evil.example.net/callback");
  });

  test.each([
    ["a longer path", `${callback}/more`],
    ["a query", `${callback}?next=1`],
    ["a fragment", `${callback}#there`],
    ["another port", callback.replace("example.com", "example.com:8443")],
    ["http", callback.replace("https:", "http:")],
    ["user information", callback.replace("https://", "https://app.example.com@evil.example.net/")],
    ["a path that climbs", `${callback}/../callback`],
    ["a script", "javascript:alert(1)"],
  ])("takes no redirect_uri with %s", async (_name, redirect_uri) => {
    const page = await visit({ redirect_uri });
    expect(page.status).toBe(403);
  });

  test("says which client is unknown", async () => {
    const page = await visit({ client_id: "nobody" });
    expect(page.status).toBe(400);
    expect(page.page.text).toContain("Unknown client: nobody");
  });

  test("refuses a parameter that comes twice", async () => {
    const page = await new ScriptedBrowser().goto(`${world.authorizeUrl()}&scope=openid`);
    expect(page.status).toBe(400);
    expect(page.page.text).toContain("Duplicate parameter: scope");
  });

  test("says when the connection was not found, and when it is closed to login", async () => {
    expect((await visit({ connection: "nowhere" })).page.text).toContain(
      "the connection was not found",
    );
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, { authentication: { active: false } });
    const closed = await visit({ connection: "acme-helpdesk" });
    await world.api("PATCH", path, { authentication: { active: true } });
    expect(closed.status).toBe(400);
    expect(closed.page.text).toContain("the connection was disabled");
  });

  test("says when a client has no connection at all", async () => {
    const { body } = await world.api("POST", "/clients", { name: "Lonely", callbacks: [callback] });
    const page = await visit({ client_id: String(body["client_id"]) });
    expect(page.status).toBe(400);
    expect(page.page.text).toContain("no connections enabled for the client");
  });

  test("shows what a request says as text", async () => {
    const page = await visit({ client_id: "<img src=x onerror=alert(1)>" });
    expect(page.page.querySelector("img")).toBeNull();
    expect(page.page.toString()).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });
});

// parity: GET /authorize | docs: silent authentication; RFC 6749 4.1.2.1
suite("/authorize, redirected with an error and the state", () => {
  test.each([
    ["response_type", { response_type: "token" }, "unsupported_response_type"],
    ["no response_type", { response_type: "" }, "invalid_request"],
    ["response_mode", { response_mode: "smoke" }, "invalid_request"],
    ["prompt", { prompt: "maybe" }, "invalid_request"],
    ["prompt none with another", { prompt: "none login" }, "invalid_request"],
    ["max_age", { max_age: "soon" }, "invalid_request"],
    [
      "code_challenge_method",
      { code_challenge: "x".repeat(43), code_challenge_method: "S512" },
      "invalid_request",
    ],
    ["a short code_challenge", { code_challenge: "short" }, "invalid_request"],
    ["a method without a challenge", { code_challenge_method: "S256" }, "invalid_request"],
    ["an unknown audience", { audience: "https://nowhere.example.com" }, "access_denied"],
    ["request", { request: "e30.e30." }, "request_not_supported"],
    ["request_uri", { request_uri: "https://app.example.com/r" }, "request_uri_not_supported"],
  ])("refuses %s", async (_name, params, error) => {
    const answer = answerOf(await visit(params as Record<string, string>));
    expect(answer).toEqual({ error, error_description: expect.any(String), state: "app-state" });
  });

  test("answers prompt=none with login_required while nobody is signed in", async () => {
    expect(answerOf(await visit({ prompt: "none" }))).toMatchObject({ error: "login_required" });
  });

  // parity: | docs: block and unblock users
  test("answers unauthorized when the user is blocked", async () => {
    const user = await world.signUp("blocked@example.com");
    const path = userPath(user);
    await world.api("PATCH", path, { blocked: true });
    expect(answerOf(await visit({}, user.browser))).toEqual({
      error: "unauthorized",
      error_description: "user is blocked",
      state: "app-state",
    });
  });

  test("refuses a client without the authorization_code grant", async () => {
    const { body } = await world.api("POST", "/clients", {
      name: "Machine",
      callbacks: [callback],
      grant_types: ["client_credentials"],
    });
    const answer = answerOf(await visit({ client_id: String(body["client_id"]) }));
    expect(answer).toMatchObject({ error: "unauthorized_client" });
  });
});

// parity: GET /authorize | OpenID Connect Core 3.1.2.1
suite("/authorize, sessions", () => {
  test("answers at once in a browser that is signed in", async () => {
    expect(answerOf(await visit({}, alice.browser))).toEqual({
      code: expect.any(String),
      state: "app-state",
    });
  });

  test("answers prompt=none in a browser that is signed in", async () => {
    expect(answerOf(await visit({ prompt: "none" }, alice.browser))).toHaveProperty("code");
  });

  test.each(["login", "select_account"])("asks again with prompt=%s", async (prompt) => {
    const page = await visit({ prompt }, alice.browser);
    expect(page.url.pathname).toBe("/u/login");
  });

  test("asks again when the login is older than max_age", async () => {
    const user = await world.signUp("older@example.com");
    expect(answerOf(await visit({ max_age: "300" }, user.browser))).toHaveProperty("code");
    world.passSeconds(301);
    expect((await visit({ max_age: "300" }, user.browser)).url.pathname).toBe("/u/login");
    expect(answerOf(await visit({ max_age: "300", prompt: "none" }, user.browser))).toMatchObject({
      error: "login_required",
    });
  });

  test("asks again with max_age=0, even in the second of the login", async () => {
    const user = await world.signUp("now@example.com");
    expect((await visit({ max_age: "0" }, user.browser)).url.pathname).toBe("/u/login");
  });

  test("asks again for a connection other than the session's", async () => {
    const page = await visit({ connection: "acme-helpdesk" }, alice.browser);
    expect(page.url.origin).toBe(world.provider.url);
  });

  test("keeps its cookies Secure, HttpOnly and SameSite=Lax, under names with the tenant's id", async () => {
    const cookies = alice.browser.jar.getCookiesSync(world.tenant.url);
    const ours = cookies.filter(({ key }) => key.startsWith("auth0"));
    expect(ours).toHaveLength(2);
    for (const cookie of ours) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "lax" });
      expect(cookie.key).toMatch(/^auth0_[a-z0-9]{12}_(session|browser)$/);
    }
  });
});

// parity: GET /authorize | OpenAPI
suite("/authorize, answers", () => {
  const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  test("puts the answer into the fragment with response_mode=fragment", async () => {
    const { url } = await visit({ response_mode: "fragment" }, alice.browser);
    const fragment = new URLSearchParams(url.hash.slice(1));
    expect([...fragment.keys()]).toEqual(["code", "state"]);
    expect(url.search).toBe("");
  });

  test("posts the answer with response_mode=form_post", async () => {
    const page = await visit({ response_mode: "form_post" }, alice.browser);
    const form = page.page.querySelector("form");
    expect(form?.getAttribute("action")).toBe(callback);
    expect(form?.querySelector("input[name=state]")?.getAttribute("value")).toBe("app-state");
    expect(form?.querySelector("input[name=code]")?.getAttribute("value")).toMatch(/.{20,}/);
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  });

  test("takes POST as well as GET (OpenID Connect Core 3.1.2.1)", async () => {
    const form = Object.fromEntries(new URL(world.authorizeUrl()).searchParams);
    const done = await alice.browser.goto(`${world.tenant.url}/authorize`, {
      method: "POST",
      form,
    });
    expect(answerOf(done)).toHaveProperty("code");
  });

  test.each([
    ["S256", createHash("sha256").update(verifier).digest("base64url")],
    ["plain", verifier],
    ["", verifier],
  ])("binds the code to a challenge of method '%s'", async (method, code_challenge) => {
    const params = { code_challenge, code_challenge_method: method };
    const redeem = async (code_verifier: string) => {
      const { code = "" } = answerOf(await visit(params, alice.browser));
      const form = { grant_type: "authorization_code", code, redirect_uri: callback };
      return world.token({ ...form, ...(code_verifier === "" ? {} : { code_verifier }) });
    };
    expect(await redeem(verifier)).toMatchObject({ status: 200 });
    expect(await redeem(`${verifier.slice(1)}x`)).toMatchObject({
      status: 403,
      body: { error: "invalid_grant", error_description: "Failed to verify code verifier" },
    });
    expect(await redeem("")).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  test("leaves the callback's own query alone", async () => {
    const own = "https://app.example.com/callback?tenant=1";
    await world.api("PATCH", `/clients/${world.app.id}`, { callbacks: [callback, own] });
    const { url } = await visit({ redirect_uri: own }, alice.browser);
    expect(url.searchParams.get("tenant")).toBe("1");
    expect(url.searchParams.get("code")).not.toBeNull();
  });

  // parity: | (inferred)
  test("lets one client's wildcard callback stand for sub-domains only", async () => {
    const { body } = await world.api("POST", "/clients", {
      name: "Previews",
      callbacks: ["https://*.example.org/cb"],
    });
    const client_id = String(body["client_id"]);
    const { body: databases } = await world.api<{ id: string }[]>(
      "GET",
      "/connections?strategy=auth0",
    );
    await world.api("PATCH", `/connections/${databases[0]?.id}/clients`, [
      { client_id, status: true },
    ]);
    const status = async (redirect_uri: string) =>
      (await visit({ client_id, redirect_uri })).status;
    expect(await status("https://pr-1.example.org/cb")).toBe(200);
    expect(await status("https://example.org/cb")).toBe(403);
    expect(await status("https://evil.net/x.example.org/cb")).toBe(403);
    expect(await status("https://pr-1.example.org.evil.net/cb")).toBe(403);
    expect(await status("https://a@pr-1.example.org/cb")).toBe(403);
  });

  test("signs in with email and password, whatever the email's case", async () => {
    const browser = new ScriptedBrowser();
    const page = await visit({ login_hint: "alice@example.com" }, browser);
    expect(page.page.querySelector("#username")?.getAttribute("value")).toBe("alice@example.com");
    const done = await browser.press(page, "Continue", { username: "Alice@Example.com", password });
    expect(answerOf(done)).toHaveProperty("code");
  });
});

// parity: GET /authorize | recordings: TestAccTenant_Main
suite("/authorize, sessions that end", () => {
  test("ends after the tenant's idle time", async () => {
    const user = await world.signUp("idle@example.com");
    world.passSeconds(73 * 3600);
    expect((await visit({}, user.browser)).url.pathname).toBe("/u/login");
  });
});
