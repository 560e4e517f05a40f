/** @module Where secrets are kept: a real Secret Service keyring where one can be started, and none. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { diskFile, opened, sealedFile } from "../../cli/profiles/profile-storage.ts";
import { tvkProcess } from "./run-tvk.ts";

const profilesModule = fileURLToPath(new URL("../../cli/profiles/profiles.ts", import.meta.url));
const secrets = ["s3cret-of-the-client", "rt-of-alice", "at-of-alice", "token-of-the-provider"];
const unlock =
  'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"';

/** Debian: dbus-daemon and gnome-keyring. */
const startable = ["dbus-run-session", "gnome-keyring-daemon"].every(
  (program) => spawnSync(program, ["--version"]).error === undefined,
);
if (!startable) {
  process.stderr.write("test/cli/keyring: no gnome-keyring here, so no real keyring is tested\n");
}

/** A home folder without any configuration, on a machine without a keyring. */
function home(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tmpdir(), "tvk-keyring-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return {
    PATH: process.env["PATH"],
    HOME: dir,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(dir, "no-bus")}`,
    ...more,
  };
}

function fileOf(env: NodeJS.ProcessEnv) {
  return join(env["HOME"] ?? "", ".config/token-vault-kit/profiles.json");
}

/** Runs a script that has the profiles' functions, in a session with a keyring or without. */
async function script(env: NodeJS.ProcessEnv, text: string, session = false) {
  const code = `const { saveProfile, loadProfile, updateProfile, storageOf } = await import(${JSON.stringify(profilesModule)});
    ${text}`;
  const node = [process.execPath, "--input-type=module", "-e", code];
  const { DBUS_SESSION_BUS_ADDRESS: _, ...own } = env;
  const child = session
    ? spawn("dbus-run-session", ["--", "sh", "-c", unlock, "sh", ...node], { env: own })
    : spawn(node[0] ?? "", node.slice(1), { env });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  return { exitCode, stdout, stderr };
}

const save = `
  await saveProfile("dev", { domain: "acme.test", clientId: "c", clientSecret: "${secrets[0]}", local: false });
  await updateProfile("dev", (profile) => {
    profile.auth0 = { accessToken: "${secrets[2]}", refreshToken: "${secrets[1]}", expiresAt: 1 };
    profile.connections = { key: { value: JSON.stringify({ "": { accessToken: "${secrets[3]}" } }), expiresAt: 1 } };
  });`;

describe.runIf(startable)("with a keyring", () => {
  it("seals every secret without being told to, and opens it for the next process", async () => {
    const env = home();
    const saved = await script(env, save, true);
    expect(saved.exitCode, saved.stderr).toBe(0);
    const text = readFileSync(fileOf(env), "utf8");
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(JSON.parse(text)).toMatchObject({
      storage: "keyring",
      current: "dev",
      profiles: { dev: { domain: "acme.test", sealed: expect.any(String) } },
    });
    const read = await script(
      env,
      "console.log(JSON.stringify([storageOf(), loadProfile()?.profile]));",
      true,
    );
    expect(JSON.parse(read.stdout)).toMatchObject([
      "keyring",
      { clientSecret: secrets[0], auth0: { refreshToken: secrets[1] }, connections: { key: {} } },
    ]);
  });

  it("loses no write of several processes at once", async () => {
    const env = home();
    const ran = await script(
      env,
      `${save}
      const { spawn } = await import("node:child_process");
      const one = (index) => new Promise((resolve) => spawn(process.execPath, ["--input-type=module", "-e",
        \`const { updateProfile } = await import(${JSON.stringify(profilesModule)});
         for (let turn = 0; turn < 5; turn++) await updateProfile("dev", ({ connections }) => {
           connections["\${index}-" + turn] = { value: "v", expiresAt: 1 };
         });\`], { stdio: "inherit" }).on("close", resolve));
      await Promise.all([0, 1, 2, 3].map(one));
      console.log(Object.keys(loadProfile("dev").profile.connections).length);`,
      true,
    );
    expect(ran.stdout.trim(), ran.stderr).toBe("21");
  });

  it("AUTH0_TV_STORAGE=file moves the secrets out of it", async () => {
    const env = home();
    await script(env, save, true);
    const asFile = { ...env, AUTH0_TV_STORAGE: "file" };
    await script(asFile, 'await updateProfile("dev", () => {});', true);
    const text = readFileSync(fileOf(env), "utf8");
    for (const secret of secrets) expect(text).toContain(secret);
    const read = await script(env, "console.log(storageOf(), loadProfile().name);");
    expect(read.stdout).toBe("file dev\n");
  });

  it("secrets without their keyring are an error that names the way out, not a user who is signed out", async () => {
    const env = home();
    await script(env, save, true);
    const before = readFileSync(fileOf(env), "utf8");
    for (const argv of [
      ["status"],
      ["fetch", "desk", "https://desk.test/"],
      ["logout", "--local"],
    ]) {
      const ran = await tvkProcess(env, ["--json", ...argv]);
      expect(ran.exitCode).toBe(1);
      expect(ran.json()).toMatchObject({
        error: {
          code: "storage_error",
          message: expect.stringContaining("keyring"),
          hint: expect.stringContaining("AUTH0_TV_STORAGE=file"),
        },
      });
    }
    expect(readFileSync(fileOf(env), "utf8")).toBe(before);
  });
});

describe.runIf(process.platform === "linux")("without a keyring", () => {
  it("keeps secrets in a 0600 file and says so once", async () => {
    const env = home();
    const first = await script(env, save);
    expect(first.stderr.match(/No keyring works here/g)).toHaveLength(1);
    expect(statSync(fileOf(env)).mode & 0o777).toBe(0o600);
    const second = await script(env, save);
    expect(second).toMatchObject({ exitCode: 0, stderr: "" });
    const status = await tvkProcess(env, ["--json", "status"]);
    expect(status.json()).toMatchObject({ storage: "file", loggedIn: true });
  });

  it("AUTH0_TV_STORAGE=keyring is an error that names the way out, and writes nothing", async () => {
    const env = home({ AUTH0_TV_STORAGE: "keyring" });
    const ran = await script(env, save);
    expect(ran.exitCode).not.toBe(0);
    expect(ran.stderr).toContain("storage_error");
    expect(() => statSync(fileOf(env))).toThrowError("ENOENT");
  });

  it("does not load the native module for a file", async () => {
    const env = home({ AUTH0_TV_STORAGE: "file" });
    await script(env, save);
    const ran = await script(
      env,
      `loadProfile();
      const { _cache } = (await import("node:module")).default;
      console.log(Object.keys(_cache).filter((path) => path.includes("keyring")).length);`,
    );
    expect(ran.stdout.trim(), ran.stderr).toBe("0");
  });
});

describe("the storage", () => {
  it("of a folder that somebody names is a plain file", () => {
    const file = { profiles: { dev: { domain: "a", clientId: "c", clientSecret: "s" } } };
    expect(sealedFile({}, file, { TVK_CONFIG_DIR: "/named" })).toEqual(file);
  });

  it.each(["vault", "Keyring"])("%j is none: exit 2", async (storage) => {
    const env = home({ AUTH0_TV_STORAGE: storage });
    const ran = await tvkProcess(env, ["--json", "status"]);
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: "invalid_input" } });
  });
});

describe.runIf(startable)("a seal", () => {
  it("is of one tenant: with another domain in the file the secrets stay shut", async () => {
    const env = home();
    await script(env, save, true);
    const text = readFileSync(fileOf(env), "utf8").replace("acme.test", "evil.test");
    writeFileSync(fileOf(env), text);
    const ran = await script(env, "loadProfile();", true);
    expect(ran.exitCode).not.toBe(0);
    expect(ran.stderr).toContain("were not sealed with this key");
    expect(() => opened(diskFile(JSON.parse(text)))).toThrowError(
      expect.objectContaining({ code: "storage_error" }),
    );
  });
});
