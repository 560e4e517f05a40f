/** @module Public address, back channel, tunnels: which issuer a request belongs to. */
import { request } from "node:http";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import { Browser } from "./browser.ts";
import {
  allow,
  authorizePath,
  bearer,
  connect,
  redirectUri,
  signIn,
  start,
  tokenRequest,
  tokensOf,
} from "./connected.ts";

/** GET with headers that fetch would not let through, `Host` among them. */
function get(helpdesk: Helpdesk, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(helpdesk.url + path, { headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    outgoing.on("error", reject).end();
  });
}

async function discovery(helpdesk: Helpdesk, headers = {}): Promise<Record<string, string>> {
  return JSON.parse(await get(helpdesk, "/.well-known/openid-configuration", headers));
}

function issuerOf(idToken = ""): string {
  return JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString()).iss;
}

suite("a helpdesk with a public address", () => {
  const publicUrl = "https://helpdesk.acme.example";
  let helpdesk: Helpdesk;
  beforeAll(async () => {
    helpdesk = await start({ publicUrl: `${publicUrl}/` });
  });
  afterAll(() => helpdesk.close());

  test("gives out public URLs, whichever address it was asked at", async () => {
    for (const host of ["localhost", "127.0.0.1"]) {
      const document = await discovery(helpdesk, { host });
      expect(document).toMatchObject({
        issuer: publicUrl,
        authorization_endpoint: `${publicUrl}/authorize`,
        token_endpoint: `${publicUrl}/token`,
        userinfo_endpoint: `${publicUrl}/userinfo`,
        jwks_uri: `${publicUrl}/jwks`,
        revocation_endpoint: `${publicUrl}/revoke`,
      });
    }
  });

  test("RFC 8414 3: has the same document at the OAuth path", async () => {
    const oauth = await get(helpdesk, "/.well-known/oauth-authorization-server", {});
    expect(JSON.parse(oauth)).toEqual(await discovery(helpdesk));
  });

  test("answers the back channel with tokens of the public issuer", async () => {
    const callback = await allow(helpdesk);
    expect(callback.searchParams.get("iss")).toBe(publicUrl);
    const form = {
      grant_type: "authorization_code",
      code: callback.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
    };
    const { id_token, access_token } = await tokensOf(await tokenRequest(helpdesk, form));
    expect(issuerOf(id_token)).toBe(publicUrl);
    const userinfo = await fetch(`${helpdesk.url}/userinfo`, { headers: bearer(access_token) });
    expect(userinfo.status).toBe(200);
  });

  test("marks cookies secure, and keeps the browser at the address it came to", async () => {
    const response = await fetch(helpdesk.url + authorizePath(), { redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) expect(cookie).toMatch(/; secure/i);
    expect(response.headers.get("location")).toMatch(/^\/interaction\//);
  });

  test("believes no forwarded host", async () => {
    const forged = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
    expect(await discovery(helpdesk, forged)).toMatchObject({ issuer: publicUrl });
    expect(await discovery(helpdesk, { host: "evil.example" })).toMatchObject({
      issuer: publicUrl,
    });
    expect(await get(helpdesk, "/openapi.json", forged)).not.toContain("evil");
  });
});

suite("a helpdesk with trusted hosts", () => {
  const tunnel = "https://c021.tunnel.example";
  const forwarded = { "x-forwarded-host": "c021.tunnel.example", "x-forwarded-proto": "https" };
  let helpdesk: Helpdesk;
  beforeAll(async () => {
    helpdesk = await start({ trustedHosts: ["*.tunnel.example", "desk.example:8443"] });
  });
  afterAll(() => helpdesk.close());

  test("takes the issuer from a trusted host, forwarded or not", async () => {
    expect(await discovery(helpdesk, forwarded)).toMatchObject({
      issuer: tunnel,
      token_endpoint: `${tunnel}/token`,
    });
    const direct = { host: "c021.tunnel.example", "x-forwarded-proto": "https" };
    expect(await discovery(helpdesk, direct)).toMatchObject({ issuer: tunnel });
    const exact = { host: "Desk.Example:8443" };
    expect(await discovery(helpdesk, exact)).toMatchObject({ issuer: "https://desk.example:8443" });
  });

  test.each([
    "tunnel.example",
    "eviltunnel.example",
    "c021.tunnel.example.evil.example",
    "evil.example/.tunnel.example",
    "evil.example?.tunnel.example",
    "user@c021.tunnel.example",
    ".tunnel.example",
    "desk.example",
    "desk.example:8444",
  ])("does not take %s for a trusted host", async (host) => {
    const document = await discovery(helpdesk, { ...forwarded, "x-forwarded-host": host });
    expect(document["issuer"]).toBe(helpdesk.url);
  });

  test("takes a connection made through the tunnel at every other address", async () => {
    const browser = new Browser(helpdesk.url, forwarded);
    const consent = await signIn(browser, await browser.open(authorizePath()));
    const done = new URL((await browser.submit(consent, "/consent", { decision: "allow" })).url);
    expect(done.searchParams.get("iss")).toBe(tunnel);
    const form = {
      grant_type: "authorization_code",
      code: done.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
    };
    const { access_token } = await tokensOf(await tokenRequest(helpdesk, form));
    const list = await fetch(`${helpdesk.url}/tickets`, { headers: bearer(access_token) });
    expect(list.status).toBe(200);
  });

  test("stays up under more forged names than it keeps servers for", async () => {
    const { access_token } = await connect(helpdesk);
    for (let each = 0; each < 40; each++) {
      const host = `forged-${each}.tunnel.example`;
      expect(await discovery(helpdesk, { host })).toMatchObject({ issuer: `https://${host}` });
    }
    const list = await fetch(`${helpdesk.url}/tickets`, { headers: bearer(access_token) });
    expect(list.status).toBe(200);
  });
});

suite("two helpdesks on one machine", () => {
  test("have cookies of different names, as cookies ignore ports", async () => {
    const both = await Promise.all([start(), start()]);
    try {
      const names = await Promise.all(
        both.map(async ({ url }) => {
          const browser = new Browser(url);
          await browser.open(authorizePath());
          return browser.cookieNames();
        }),
      );
      const [first = [], second = []] = names;
      expect(first).not.toHaveLength(0);
      expect(first.filter((name) => second.includes(name))).toEqual([]);
    } finally {
      await Promise.all(both.map((each) => each.close()));
    }
  });
});
