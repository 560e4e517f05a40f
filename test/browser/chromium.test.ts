/** Which Chromium is taken, whom it trusts, and what a machine without one is told. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { startTenant } from "../../tenant/start-tenant.ts";
import { findChromium, startChromium } from "./chromium.ts";

const installer = join(import.meta.dirname, "install-chromium.sh");

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tvk-chromium-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function program(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

suite("findChromium()", () => {
  test("takes TVK_CHROMIUM before what is on PATH", () => {
    const folder = temporaryFolder();
    const [named, onPath] = [program(folder, "mine"), program(folder, "google-chrome")];
    expect(findChromium({ PATH: folder, TVK_CHROMIUM: named }, [])).toBe(named);
    expect(findChromium({ PATH: folder }, [])).toBe(onPath);
  });

  test("takes an application where PATH has none", () => {
    const application = program(temporaryFolder(), "Chromium");
    expect(findChromium({ PATH: temporaryFolder() }, [application])).toBe(application);
  });

  test("names the installer, in one line, where there is none", () => {
    const find = () => findChromium({ PATH: temporaryFolder() }, []);
    expect(find).toThrow(
      /^no Chromium on this machine: run test\/browser\/install-chromium\.sh.*$/,
    );
  });

  test("refuses a TVK_CHROMIUM that is no program, whatever else is there", () => {
    const folder = temporaryFolder();
    program(folder, "chromium");
    const find = () => findChromium({ PATH: folder, TVK_CHROMIUM: join(folder, "gone") }, []);
    expect(find).toThrow(/TVK_CHROMIUM is .*gone, and no program is there/);
  });
});

suite("install-chromium.sh", () => {
  const bash = execFileSync("sh", ["-c", "command -v bash"], { encoding: "utf8" }).trim();
  const install = (env: NodeJS.ProcessEnv) =>
    spawnSync(bash, [installer], { env, encoding: "utf8" });

  test("does nothing where all is there", () => {
    const folder = temporaryFolder();
    program(folder, "chromium");
    program(folder, "certutil");
    expect(install({ PATH: folder })).toMatchObject({ status: 0, stderr: "" });
  });

  test("says what to install where it can't, and ends with 1", () => {
    const { status, stderr } = install({ PATH: temporaryFolder(), TVK_CHROMIUM: "/gone" });
    expect(status).toBe(1);
    expect(stderr).toContain("apt-get install chromium");
    expect(stderr).toContain("TVK_CHROMIUM");
  });
});

suite("startChromium()", () => {
  test("trusts the tenant whose folder it was given, and no other", async () => {
    const dirs = [temporaryFolder(), temporaryFolder()] as const;
    const [own, foreign] = await Promise.all(dirs.map((dir) => startTenant({ dir, port: 0 })));
    const browser = await startChromium(dirs[0]);
    onTestFinished(async () => {
      await browser.close();
      await Promise.all([own?.close(), foreign?.close()]);
    });
    const page = await browser.newPage();
    const path = "/.well-known/openid-configuration";
    expect((await page.goto(`${own?.url}${path}`))?.status()).toBe(200);
    await expect(page.goto(`${foreign?.url}${path}`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
  });
});
