/** @module Runs `tvk` in this process or as one of its own, with a config folder for the test. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { main } from "../../cli/main.ts";
import { type ProfileSettings, saveProfile, updateProfile } from "../../cli/profiles/profiles.ts";

export const TVK = fileURLToPath(new URL("../../cli/tvk.mjs", import.meta.url));

/** What a run left behind. */
export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Stdout as the one JSON document that it must be. */
  json: () => Record<string, unknown>;
}

/** An environment with an empty config folder, which goes when the test ends. */
export function testEnv(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tmpdir(), "tvk-cli-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return { HOME: dir, TVK_CONFIG_DIR: join(dir, "config"), ...more };
}

/** Runs the command line in this process. */
export async function tvk(env: NodeJS.ProcessEnv, ...argv: string[]): Promise<Ran> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const restore = [capture(process.stdout, out), capture(process.stderr, err)];
  try {
    const exitCode = await main(argv, env);
    return ran(exitCode, out, err);
  } finally {
    for (const each of restore) each();
  }
}

/** Runs the command line as a process. */
export function tvkProcess(
  env: NodeJS.ProcessEnv,
  argv: string[],
  options: { input?: string; node?: string } = {},
): Promise<Ran> {
  const child = spawn(options.node ?? process.execPath, [TVK, ...argv], { env });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(ran(code ?? -1, out, err)));
  });
}

/** Saves the profile "test" of a tenant on loopback, with a user who is signed in. */
export async function signedIn(
  env: NodeJS.ProcessEnv,
  domain: string,
  settings: Partial<ProfileSettings> = {},
) {
  const defaults = {
    domain,
    clientId: "client-1",
    clientSecret: "s3cret-of-the-client",
    local: true,
  };
  await saveProfile("test", { ...defaults, ...settings }, env);
  await updateProfile(
    "test",
    (profile) => {
      profile.auth0 = {
        accessToken: "at-auth0",
        refreshToken: "rt-alice",
        idToken: idToken(),
        expiresAt: Date.now() + 60_000,
      };
    },
    env,
  );
}

function idToken() {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: "auth0|1", email: "alice@acme.test", name: "Alice" })}.`;
}

function ran(exitCode: number, out: Buffer[], err: Buffer[]): Ran {
  const stdout = Buffer.concat(out).toString();
  return {
    exitCode,
    stdout,
    stderr: Buffer.concat(err).toString(),
    json: () => JSON.parse(stdout),
  };
}

function capture(stream: NodeJS.WriteStream, into: Buffer[]) {
  const spy = vi.spyOn(stream, "write").mockImplementation(((
    chunk: string | Uint8Array,
    ...rest: unknown[]
  ) => {
    into.push(Buffer.from(chunk as string));
    const done = rest.find((each) => typeof each === "function");
    if (typeof done === "function") done();
    return true;
  }) as never);
  return () => spy.mockRestore();
}
