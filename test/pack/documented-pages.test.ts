/** docs/cli.md and docs/runtime.md, word by word, with nothing but the tarball installed. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type RealWorld, realWorld } from "../cli/real-world.ts";
import { type EmptyProject, emptyProject } from "./empty-project.ts";

const root = resolve(import.meta.dirname, "../..");
const pageOf = (name: string) => readFileSync(join(root, "docs", name), "utf8");

let project: EmptyProject;
let world: RealWorld;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  [project, world] = [await emptyProject(), await realWorld()];
  // The browser of a person who signs in and agrees.
  project.write(
    "browser.sh",
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, "test/pack/scripted-browser.ts")}" "$1"\n`,
  );
  await project.run("chmod", ["+x", "browser.sh"]);
  env = {
    AUTH0_DOMAIN: world.domain,
    AUTH0_CLIENT_ID: world.clientId,
    AUTH0_CLIENT_SECRET: world.clientSecret,
    AUTH0_TV_BROWSER: join(project.dir, "browser.sh"),
    AUTH0_TV_PORT: String(world.callbackPort),
    TVK_CONFIG_DIR: join(project.dir, "config"),
    NODE_EXTRA_CA_CERTS: world.caFile,
  };
});
afterAll(async () => {
  await world?.close();
  project?.remove();
});

suite("docs/cli.md", () => {
  const [, block = ""] = /## First steps\n(?:.*\n)*?\n((?: {4}.+\n)+)/.exec(pageOf("cli.md")) ?? [];
  const lines = block.split("\n").map((line) => line.trim());

  test("begins with the package, the tenant's three values, and three commands", () => {
    expect(lines.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "npm install token-vault-kit",
      expect.stringMatching(/^export AUTH0_DOMAIN=/),
      "npx tvk login",
      "npx tvk connect",
      "npx tvk fetch",
      "",
    ]);
  });

  test("its commands sign in, connect, and fetch the tickets", async () => {
    let last = { exitCode: -1, stdout: "", stderr: "" };
    for (const line of lines.filter((each) => each.startsWith("npx "))) {
      const command = line
        .replaceAll("https://desk.example.com", world.helpdeskUrl)
        .replaceAll("desk.example.com", world.helpdeskHost);
      last = await project.run("sh", ["-c", command], env);
      expect(last.exitCode, `${command}\n${last.stderr}`).toBe(0);
    }
    expect(JSON.parse(last.stdout)).toMatchObject({ tickets: expect.any(Array) });
  });
});

suite("docs/runtime.md", () => {
  test("its first fetch prints the tickets", async () => {
    const [, block = ""] = /## First fetch\n.*?```ts\n(.*?)```/s.exec(pageOf("runtime.md")) ?? [];
    const profiles = JSON.parse(readFileSync(join(project.dir, "config/profiles.json"), "utf8"));
    const [profile] = Object.values<{ auth0: { refreshToken: string } }>(profiles.profiles);
    const values = {
      "acme.eu.auth0.com": world.domain,
      "the client's id": world.clientId,
      "the client's secret": world.clientSecret,
      "the user's Auth0 refresh token": profile?.auth0.refreshToken ?? "",
      "https://desk.example.com": world.helpdeskUrl,
      '"desk.example.com"': JSON.stringify(world.helpdeskHost),
    };
    const code = Object.entries(values).reduce((text, [shown, real]) => {
      expect(text).toContain(shown);
      return text.replaceAll(shown, real);
    }, block);
    project.write("first-fetch.mjs", code);
    const { stdout, stderr } = await project.run(process.execPath, ["first-fetch.mjs"], env);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/tickets: \[/);
  });
});
