/** @module The profiles on disk. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { profileTokenStore } from "../../cli/profiles/profile-token-store.ts";
import {
  loadProfile,
  profilesDir,
  readProfiles,
  removeProfiles,
  saveProfile,
  updateProfile,
} from "../../cli/profiles/profiles.ts";
import { withLock } from "../../locks/file-lock.ts";
import { testEnv, tvk } from "./run-tvk.ts";

const settings = {
  domain: "acme.eu.auth0.com",
  clientId: "c",
  clientSecret: "s3cret",
  local: false,
};

function fileOf(env: NodeJS.ProcessEnv) {
  return join(profilesDir(env), "profiles.json");
}

describe("saveProfile()", () => {
  it("makes the profile the current one, in a file that only its owner reads", async () => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    expect(loadProfile(undefined, env)).toMatchObject({ name: "dev", profile: settings });
    expect(statSync(fileOf(env)).mode & 0o777).toBe(0o600);
    expect(statSync(profilesDir(env)).mode & 0o777).toBe(0o700);
    expect(readdirSync(profilesDir(env)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("keeps who is signed in for the same tenant and client, and drops them for another", async () => {
    const env = testEnv();
    const auth0 = { accessToken: "a", refreshToken: "r", expiresAt: 1 };
    await saveProfile("dev", settings, env);
    await updateProfile("dev", (profile) => Object.assign(profile, { auth0 }), env);
    await saveProfile("dev", { ...settings, allowedDomains: ["api.test"] }, env);
    expect(loadProfile("dev", env)?.profile).toMatchObject({ auth0, allowedDomains: ["api.test"] });
    await saveProfile("dev", { ...settings, clientId: "other" }, env);
    expect(loadProfile("dev", env)?.profile.auth0).toBeUndefined();
  });

  it.each(["", "../x", "a/b", "a b", "-x"])("refuses the name %j", async (name) => {
    const env = testEnv();
    await expect(saveProfile(name, settings, env)).rejects.toMatchObject({
      code: "invalid_profile",
      exitCode: 2,
    });
    expect(existsSync(fileOf(env))).toBe(false);
  });
});

describe("the file", () => {
  it("is in TVK_CONFIG_DIR, else auth0-tv's folder, else the user's config folder", () => {
    expect(profilesDir({ TVK_CONFIG_DIR: "/a", AUTH0_TV_CONFIG_DIR: "/b" })).toBe("/a");
    expect(profilesDir({ AUTH0_TV_CONFIG_DIR: "/b", XDG_CONFIG_HOME: "/c" })).toBe("/b");
    expect(profilesDir({ XDG_CONFIG_HOME: "/c", HOME: "/h" })).toBe("/c/token-vault-kit");
    expect(profilesDir({ HOME: "/h" })).toBe("/h/.config/token-vault-kit");
  });

  it.each([
    ["cut off", '{"current":"dev","profiles":{"dev":{"clientSecret":"hunter2"'],
    ["empty", ""],
    ["of another shape", '{"profiles":{"dev":{"domain":1,"clientSecret":"hunter2"}}}'],
  ])("that is %s is an error and stays as it is, never an empty store", async (_, text) => {
    const env = testEnv();
    mkdirSync(profilesDir(env), { recursive: true });
    writeFileSync(fileOf(env), text);
    await expect(saveProfile("dev", settings, env)).rejects.toMatchObject({
      code: "storage_error",
    });
    const ran = await tvk(env, "status", "--json");
    expect(ran.exitCode).toBe(1);
    expect(ran.json()).toMatchObject({ error: { code: "storage_error" } });
    expect(ran.stdout).not.toContain("hunter2");
    expect(readFileSync(fileOf(env), "utf8")).toBe(text);
  });

  it("that can't be read is an error, not an empty store", async () => {
    const env = testEnv();
    mkdirSync(fileOf(env), { recursive: true });
    expect(() => readProfiles(env)).toThrow(expect.objectContaining({ code: "storage_error" }));
  });

  it("in a folder that can't be made is an error that names it", async () => {
    const env = testEnv();
    const file = join(env["HOME"] ?? "", "file");
    writeFileSync(file, "");
    const below = { ...env, TVK_CONFIG_DIR: join(file, "config") };
    await expect(saveProfile("dev", settings, below)).rejects.toMatchObject({
      code: "storage_error",
      message: expect.stringContaining(join(file, "config")),
    });
  });

  it("has no profile by the names that every object has", async () => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    expect(loadProfile("constructor", env)).toBeUndefined();
    expect(await removeProfiles((_, name) => name === "toString", env)).toBe(false);
  });

  it("loses no write of many processes at once", async () => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    const profiles = fileURLToPath(new URL("../../cli/profiles/profiles.ts", import.meta.url));
    const script = `
      const { updateProfile } = await import(${JSON.stringify(profiles)});
      for (let turn = 0; turn < 10; turn++) {
        await updateProfile("dev", ({ serviceSettings }) => {
          serviceSettings[process.argv[1] + "-" + turn] = { allowedDomains: [] };
        });
      }`;
    const children = Array.from({ length: 6 }, (_, index) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, `p${index}`], {
        env: { ...process.env, ...env },
        stdio: ["ignore", "ignore", "inherit"],
      });
      return new Promise((resolve) => child.on("close", resolve));
    });
    expect(await Promise.all(children)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(Object.keys(loadProfile("dev", env)?.profile.serviceSettings ?? {})).toHaveLength(60);
  });
});

describe("a writer that has to wait", () => {
  it("is told for whom, once, and writes then", async () => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    const said: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
    onTestFinished(() => void vi.restoreAllMocks());
    let update: Promise<unknown> | undefined;
    await withLock(`${fileOf(env)}.lock`, {}, async () => {
      update = updateProfile("dev", (profile) => (profile.audience = "a"), env);
      await expect.poll(() => said).toHaveLength(1);
      expect(loadProfile("dev", env)?.profile.audience).toBeUndefined();
    });
    await update;
    expect(said.join("")).toMatch(
      new RegExp(`^Waiting for process ${process.pid} on .*, which changes the profiles\\.\n$`),
    );
    expect(loadProfile("dev", env)?.profile.audience).toBe("a");
  });

  it("waits as well for another's exchange of a token", async () => {
    const env = testEnv();
    const store = profileTokenStore("dev", env);
    const said: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
    onTestFinished(() => void vi.restoreAllMocks());
    const free = await store.lock?.("key", 1_000);
    const second = store.lock?.("key", 1_000);
    await expect.poll(() => said.join("")).toContain("which exchanges a token.");
    await free?.();
    await (await second)?.();
  });
});

describe("a writer that is killed", () => {
  it("leaves the old or the new file, no lock and no copy of the secrets", async () => {
    const env = testEnv();
    await saveProfile("dev", settings, env);
    const profiles = fileURLToPath(new URL("../../cli/profiles/profiles.ts", import.meta.url));
    const script = `
      const { updateProfile } = await import(${JSON.stringify(profiles)});
      process.stdout.write("on");
      for (let turn = 0; ; turn++) {
        await updateProfile("dev", (profile) => { profile.audience = String(turn).repeat(20_000); });
      }`;
    for (const delayMs of [5, 20, 50]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const closed = new Promise((resolve) => child.on("close", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill("SIGKILL");
      await closed;
      expect(loadProfile("dev", env)?.profile).toMatchObject(settings);
      await updateProfile("dev", (profile) => delete profile.audience, env);
    }
    expect(readdirSync(profilesDir(env)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("removeProfiles()", () => {
  it("removes what is meant and what is current, and nothing else", async () => {
    const env = testEnv();
    await saveProfile("prod", settings, env);
    await saveProfile("dev", settings, env);
    const isDev = (_: unknown, name: string) => name === "dev";
    expect(await removeProfiles(isDev, env)).toBe(true);
    expect(await removeProfiles(isDev, env)).toBe(false);
    expect(readProfiles(env).current).toBeUndefined();
    expect(Object.keys(readProfiles(env).profiles)).toEqual(["prod"]);
  });
});
