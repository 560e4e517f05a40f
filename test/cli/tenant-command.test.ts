/** tvk tenant …: what it prints, and what it never shows to whoever lists the processes. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { trustAuthority } from "../../cli/trusted-authority.ts";
import { freePorts } from "../e2e/project-folder.ts";

const tvk = join(import.meta.dirname, "../../cli/tvk.mjs");
const dir = mkdtempSync(join(tmpdir(), "tvk-tenant-"));
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const [port] = await freePorts(1);
  env = {
    ...process.env,
    TVK_TENANT_PORT: String(port),
    TVK_CONFIG_DIR: join(dir, "config"),
    CI: "true",
  };
});
afterAll(() => {
  run("tenant", "stop");
  rmSync(dir, { recursive: true, force: true });
});

function run(...args: string[]): string {
  return execFileSync(process.execPath, [tvk, ...args], {
    cwd: dir,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const json = (...args: string[]) => JSON.parse(run("--json", ...args));

suite("tvk tenant open", () => {
  test("prints a link that lets one browser in", async () => {
    const { url, expiresIn } = json("tenant", "open");
    expect(expiresIn).toBe(300);
    trustAuthority(join(dir, ".tvk/tenant/ca.pem"));
    expect((await fetch(url, { redirect: "manual" })).status).toBe(303);
    expect((await fetch(url, { redirect: "manual" })).status).toBe(403);
  });

  test("keeps the link out of the browser's arguments: they name a file for its user alone", async () => {
    const browser = join(dir, "browser.sh");
    const seen = join(dir, "seen");
    writeFileSync(browser, `#!/bin/sh\necho "$@" > "${seen}.tmp" && mv "${seen}.tmp" "${seen}"\n`);
    chmodSync(browser, 0o755);
    const { url } = json("tenant", "open", "--browser", browser);
    while (!existsSync(seen)) await new Promise((later) => setTimeout(later, 20));
    const page = new URL(readFileSync(seen, "utf8").trim());
    expect(page.href).not.toContain("link=");
    expect(statSync(page).mode & 0o777).toBe(0o600);
    expect(readFileSync(page, "utf8")).toContain(url);
  });
});
