/** A real Chromium for the tests: found on this machine, never downloaded, and told to trust the tenant's CA. */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** What a first start would otherwise do on the network; QUIC would pass by the TLS that is tested. */
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The tool of NSS, in which Chromium on Linux keeps what a user trusts. */
const certutil = "certutil";

/**
 * TVK_CHROMIUM, else the first on PATH, else where macOS has its applications.
 *
 * @throws {Error} None is there; one line that says how to get one.
 */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  elsewhere: readonly string[] = applications,
): string {
  const named = env["TVK_CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (runs(named)) return named;
    throw new Error(
      `TVK_CHROMIUM is ${named}, and no program is there: unset it, or run test/browser/install-chromium.sh`,
    );
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter((each) => each !== "");
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...onPath, ...elsewhere].find(runs);
  if (found !== undefined) return found;
  throw new Error(
    "no Chromium on this machine: run test/browser/install-chromium.sh, or put the path of one into TVK_CHROMIUM",
  );
}

/**
 * Starts Chromium with a home folder of its own. On Linux the CA in the tenant's folder is trusted there, as
 * any user would trust it, and no certificate error is ignored. On macOS trust is the login keychain's,
 * which no test may touch: there the errors of this tenant's own key, and of no other, are ignored.
 */
export async function startChromium(tenantDirs: string | readonly string[]): Promise<Browser> {
  const dirs = typeof tenantDirs === "string" ? [tenantDirs] : tenantDirs;
  const executablePath = findChromium();
  const home = mkdtempSync(join(tmpdir(), "tvk-chromium-"));
  const trust =
    process.platform === "darwin"
      ? pinned(dirs)
      : trusted(
          dirs.map((dir) => join(dir, "ca.pem")),
          home,
        );
  const browser = await chromium.launch({
    executablePath,
    args: [...quiet, ...trust],
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
  });
  browser.on("disconnected", () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  return browser;
}

/** Into the NSS database of that home folder, where Chromium on Linux looks for the user's own CAs. */
function trusted(caFiles: readonly string[], home: string): string[] {
  const folder = join(home, ".pki/nssdb");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = ["-d", `sql:${folder}`];
  try {
    execFileSync(certutil, [...database, "-N", "--empty-password"], { stdio: "pipe" });
    for (const [at, caFile] of caFiles.entries()) {
      const entry = ["-A", "-n", `tenant ${at}`, "-t", "C,,", "-i", caFile];
      execFileSync(certutil, [...database, ...entry], { stdio: "pipe" });
    }
  } catch (cause) {
    throw new Error(
      "Chromium can't be told to trust the tenant: certutil is missing or failed. Run test/browser/install-chromium.sh",
      { cause },
    );
  }
  return [];
}

function pinned(tenantDirs: readonly string[]): string[] {
  return [`--ignore-certificate-errors-spki-list=${tenantDirs.map(pin).join(",")}`];
}

function pin(tenantDir: string): string {
  const { publicKey } = new X509Certificate(readFileSync(join(tenantDir, "server.pem")));
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
