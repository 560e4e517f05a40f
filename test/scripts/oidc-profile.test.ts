/** @module The script for OIDC userinfo, as the text that Auth0 runs. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, expect, suite, test } from "vitest";
import { generatedFile, generatedModule } from "../../scripts/oidc-profile-text.ts";
import { profileScript } from "../../scripts/profile-script.ts";
import { type Outcome, runScript, type UserinfoServer, userinfoServer } from "./sandbox.ts";

const accessToken = "an-access-token-that-must-not-leak";

suite("oidc-profile", () => {
  let server: UserinfoServer | undefined;
  afterEach(() => server?.close());

  async function run(
    status: number,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Outcome> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    server = await userinfoServer(status, text, headers);
    return runScript(profileScript({ userinfoUrl: server.url }), accessToken);
  }

  test("maps the claims of OpenID Connect Core 5.1 to Auth0's root attributes", async () => {
    const claims = {
      email: "alice@acme.test",
      email_verified: true,
      name: "Alice Moreau",
      nickname: "alice",
      picture: "https://acme.test/alice.png",
      given_name: "Alice",
      family_name: "Moreau",
    };
    const outcome = await run(200, { sub: "usr_alice", ...claims, zoneinfo: "Europe/Paris" });
    expect(outcome).toEqual({ calls: 1, profile: { user_id: "usr_alice", ...claims } });
  });

  test("sends the access token as Bearer, once", async () => {
    await run(200, { sub: "1" });
    expect(server?.seen.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${accessToken}`,
    ]);
  });

  test("takes user_id before sub", async () => {
    expect(await run(200, { sub: "a", user_id: "b" })).toMatchObject({ profile: { user_id: "b" } });
  });

  test("makes text of a number as identifier", async () => {
    expect(await run(200, { user_id: 42 })).toMatchObject({ profile: { user_id: "42" } });
  });

  test("leaves out claims of another type or without text", async () => {
    const odd = { sub: "a", email: null, name: "", picture: {}, email_verified: "true" };
    expect(await run(200, odd)).toEqual({ calls: 1, profile: { user_id: "a" } });
  });

  test.each([
    ["neither identifier", { email: "a@b.c" }],
    ["an empty identifier", { sub: "", user_id: "" }],
    ["an identifier of another type", { sub: { id: 1 } }],
  ])("refuses %s", async (_what, claims) => {
    const { error, profile, calls } = await run(200, claims);
    expect(error).toMatch(/answered without a user_id and without a sub$/);
    expect({ profile, calls }).toEqual({ profile: undefined, calls: 1 });
  });

  test.each([
    ["text", "<html>not found</html>"],
    ["cut JSON", '{"sub":"a"'],
    ["a list", [{ sub: "a" }]],
    ["null", "null"],
    ["an empty body", ""],
  ])("refuses %s in place of a JSON object", async (_what, body) => {
    expect(await run(200, body)).toMatchObject({
      error: expect.stringMatching(/answered with no JSON object$/),
      calls: 1,
    });
  });

  test("names the status and the OAuth error code of a refusal", async () => {
    const { error } = await run(401, { error: "invalid_token", error_description: accessToken });
    expect(error).toBe(`the userinfo endpoint ${server?.url} answered 401 invalid_token`);
  });

  test("has the token in no error, also where the provider repeats it", async () => {
    const { error } = await run(400, { error: accessToken });
    expect(error).toMatch(/answered 400$/);
  });

  test("does not follow a redirect with the token", async () => {
    const elsewhere = await userinfoServer(200, JSON.stringify({ sub: "someone else" }));
    try {
      const { error } = await run(302, "", { location: elsewhere.url });
      expect(error).toMatch(/answered 302$/);
      expect(elsewhere.seen).toEqual([]);
    } finally {
      elsewhere.close();
    }
  });

  test("says that the endpoint can't be reached", async () => {
    const gone = await userinfoServer(200, "{}");
    gone.close();
    const outcome = await runScript(profileScript({ userinfoUrl: gone.url }), accessToken);
    expect(outcome.error).toMatch(/could not be reached \(ECONNREFUSED\)$/);
    expect(outcome.calls).toBe(1);
  });

  test("is committed as oidc-profile.ts stands (renew with `node scripts/main.ts`)", () => {
    expect(readFileSync(generatedFile, "utf8")).toBe(generatedModule());
    const main = fileURLToPath(new URL("../../scripts/main.ts", import.meta.url));
    const check = spawnSync(process.execPath, [main, "--check"], { encoding: "utf8" });
    expect([check.status, check.stdout]).toEqual([0, "the generated script is fresh\n"]);
  });
});

suite("profileScript()", () => {
  test("differs between two URLs in nothing but the URL", () => {
    const [a, b] = ["https://a.example/userinfo", "https://b.example/me?x=1"].map((userinfoUrl) =>
      profileScript({ userinfoUrl }),
    );
    expect(a?.replace("https://a.example/userinfo", "URL")).toBe(
      b?.replace("https://b.example/me?x=1", "URL"),
    );
  });

  test("carries any URL as it is, and nothing of it as code", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.webUrl({ withQueryParameters: true }),
        fc.string({ unit: "binary" }),
        async (base, noise) => {
          const url = new URL(base);
          url.searchParams.set("noise", `'"\`\${x}\\$&\u2028${noise}`);
          const seen = await requestedUrl(profileScript({ userinfoUrl: url.href }));
          expect(seen).toBe(url.href);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(["", "example.com/userinfo", "ftp://example.com/", "javascript:alert(1)"])(
    "refuses %o",
    (userinfoUrl) => {
      expect(() => profileScript({ userinfoUrl })).toThrow(/must be an http or https URL/);
    },
  );

  test("refuses a URL with a password, and does not repeat it", () => {
    const call = () => profileScript({ userinfoUrl: "https://alice:hunter2@example.com/" });
    expect(call).toThrow(TypeError);
    expect(call).not.toThrow(/hunter2/);
  });
});

/** Which URL the text asks for, from a `request` that only listens. */
async function requestedUrl(text: string): Promise<string> {
  const { runInNewContext } = await import("node:vm");
  return new Promise((resolve) => {
    const request = { get: ({ url }: { url: string }) => resolve(url) };
    runInNewContext(`(${text})`, { request })("token", {}, () => undefined);
  });
}
