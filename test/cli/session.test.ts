/** @module Which tenant, client and user a command is about. */
import { describe, expect, it } from "vitest";
import { loadProfile, saveProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import { allowedDomainsOf, findSession, openSession } from "../../cli/profiles/session.ts";
import { testEnv, tvk } from "./run-tvk.ts";

const cloud = {
  domain: "acme.eu.auth0.com",
  clientId: "c-cloud",
  clientSecret: "s-cloud",
  local: false,
};
const local = {
  domain: "localhost:4443",
  clientId: "c-local",
  clientSecret: "s-local",
  local: true,
};
const trio = {
  AUTH0_DOMAIN: "other.eu.auth0.com",
  AUTH0_CLIENT_ID: "c-env",
  AUTH0_CLIENT_SECRET: "s-env",
};

async function setUp(more: Record<string, string> = {}) {
  const env = testEnv(more);
  await saveProfile("dev", local, env);
  await saveProfile("prod", cloud, env);
  return env;
}

describe("findSession()", () => {
  it("--profile beats TVK_PROFILE, which beats the environment's trio, which beats the current profile", async () => {
    const env = await setUp();
    expect(findSession({ env })?.name).toBe("prod");
    expect(findSession({ env: { ...env, ...trio } })?.profile).toMatchObject({
      domain: "other.eu.auth0.com",
      clientId: "c-env",
      clientSecret: "s-env",
    });
    const named = { ...env, ...trio, TVK_PROFILE: "dev" };
    expect(findSession({ env: named })?.name).toBe("dev");
    expect(findSession({ env: named, profile: "prod" })?.name).toBe("prod");
  });

  it("leaves the trio to the engine in a shell of tvk shell", async () => {
    const env = await setUp({ ...trio, TVK_SHELL: "1" });
    expect(findSession({ env })?.name).toBe("prod");
  });

  it("cleans scheme and slashes off AUTH0_DOMAIN", async () => {
    const env = testEnv({ ...trio, AUTH0_DOMAIN: "https://acme.eu.auth0.com//" });
    expect(findSession({ env })?.profile.domain).toBe("acme.eu.auth0.com");
  });

  it("resolves each field on its own, but gives a kept secret to no other tenant or client", async () => {
    const env = await setUp();
    expect(findSession({ env: { ...env, AUTH0_AUDIENCE: "https://api" } })?.profile).toMatchObject({
      ...cloud,
      audience: "https://api",
    });
    expect(findSession({ env: { ...env, AUTH0_CLIENT_SECRET: "s-2" } })?.profile.clientSecret).toBe(
      "s-2",
    );
    for (const [name, value] of [
      ["AUTH0_DOMAIN", "evil.test"],
      ["AUTH0_CLIENT_ID", "c-2"],
    ] as const) {
      const changed = { ...env, [name]: value };
      expect(findSession({ env: changed })?.profile.clientSecret).toBeUndefined();
      expect(() => openSession({ env: changed })).toThrow(
        expect.objectContaining({ code: "auth_error", exitCode: 3 }),
      );
    }
  });

  it("finds the profile that the trio's tenant and client already have, whichever is current", async () => {
    const env = await setUp();
    const named = {
      AUTH0_DOMAIN: local.domain,
      AUTH0_CLIENT_ID: local.clientId,
      AUTH0_CLIENT_SECRET: "s",
    };
    expect(findSession({ env: { ...env, ...named } })?.name).toBe("dev");
  });

  it("an unknown profile is an error that names the known ones", async () => {
    const env = await setUp();
    const ran = await tvk(env, "status", "--profile", "staging", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({
      error: { code: "unknown_profile", hint: "Profiles: dev, prod." },
    });
  });
});

describe("openSession()", () => {
  it("auth_error, exit 3, when nothing is configured", async () => {
    const ran = await tvk(testEnv(), "connections", "--json");
    expect(ran.exitCode).toBe(3);
    expect(ran.json()).toMatchObject({ error: { code: "auth_error" } });
  });

  it.each([
    ["a local profile of a tenant elsewhere", { ...cloud, local: true }],
    ["a profile of the cloud with a tenant on loopback", { ...local, local: false }],
    ["one whose host only looks like loopback", { ...local, domain: "localhost.evil.test" }],
  ])("tenant_mismatch for %s, before any request", async (_, settings) => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    const ran = await tvk(env, "connections", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: "tenant_mismatch" } });
  });

  it("auth_error when the profile's certificate authority is gone", async () => {
    const env = testEnv();
    await saveProfile("dev", { ...local, caFile: "/nowhere/ca.pem" }, env);
    expect(() => openSession({ env })).toThrow(expect.objectContaining({ code: "auth_error" }));
  });
});

describe("allowedDomainsOf()", () => {
  it("gives the stack's hosts to the stack's connection only, and a person's to theirs", async () => {
    const env = testEnv();
    await saveProfile("dev", { ...local, connection: "desk", allowedDomains: ["desk.test"] }, env);
    await updateProfile(
      "dev",
      ({ serviceSettings }) =>
        Object.assign(serviceSettings, { wiki: { allowedDomains: ["wiki.test"] } }),
      env,
    );
    const profile = loadProfile("dev", env)?.profile;
    if (!profile) throw new Error("the profile was not saved");
    expect(allowedDomainsOf(profile, "desk")).toEqual(["desk.test"]);
    expect(allowedDomainsOf(profile, "wiki")).toEqual(["wiki.test"]);
    expect(allowedDomainsOf(profile, "gmail")).toEqual(["*.googleapis.com"]);
    expect(allowedDomainsOf(profile, "other")).toEqual([]);
  });
});
