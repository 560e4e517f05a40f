/** tvk tenant …: what it prints, and what it never shows to whoever lists the processes. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { freePorts } from "../free-ports.ts";

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

suite("tvk tenant fault, clock and limit", () => {
  test("are off until a start turns them on, and stay on for every later start", () => {
    expect(() => run("tenant", "fault")).toThrow(/tvk tenant start --controls/);
    expect(json("tenant", "start", "--controls", "on").status).toBe("started");
    expect(json("tenant", "start").status).toBe("running");
    expect(run("tenant", "fault")).toBe("no faults\n");
  });

  test("set, show and take away", () => {
    const set = [
      "POST /oauth/revoke",
      "--status",
      "503",
      "--times",
      "2",
      "--header",
      "retry-after: 9",
    ];
    expect(json("tenant", "fault", ...set)).toMatchObject([
      {
        endpoint: "POST /oauth/revoke",
        status: 503,
        times: 2,
        headers: { "retry-after": "9" },
        hits: 0,
      },
    ]);
    expect(run("tenant", "fault")).toContain("POST /oauth/revoke");
    expect(json("tenant", "fault", "--clear")).toEqual([]);
    expect(json("tenant", "clock", "--advance", "2h").offset_seconds).toBe(7_200);
    expect(json("tenant", "clock", "--advance", "-1h").offset_seconds).toBe(3_600);
    expect(json("tenant", "clock", "--reset").offset_seconds).toBe(0);
    expect(json("tenant", "limit", "free").management).toEqual({ perSecond: 2, burst: 2 });
    expect(run("tenant", "limit", "none")).toBe("no limits\n");
  });

  test("refuse what makes no sense, and name it", () => {
    expect(() => run("tenant", "clock", "--advance", "soon")).toThrow(
      /Invalid --advance value "soon"/,
    );
    expect(() => run("tenant", "fault", "POST /oauth/token")).toThrow(
      /needs one of status, delayMs and drop/,
    );
    expect(() => run("tenant", "limit", "unheard-of")).toThrow(/400/);
    expect(() => run("tenant", "start", "--controls", "maybe")).toThrow(/Say on or off/);
  });
});

suite("tvk tenant export and import", () => {
  test("write a file for its user alone, and a round trip changes nothing", () => {
    const [before, after] = [join(dir, "before.json"), join(dir, "after.json")];
    expect(json("tenant", "export", before, "--secrets")).toMatchObject({ secrets: true });
    expect(statSync(before).mode & 0o777).toBe(0o600);
    expect(() => run("tenant", "import", before)).toThrow(/Say --yes/);
    expect(json("tenant", "import", before, "--yes").status).toBe("imported");
    run("tenant", "export", after, "--secrets");
    expect(readFileSync(after, "utf8")).toBe(readFileSync(before, "utf8"));
    expect(run("tenant", "export", after)).toContain("without secrets");
    const secret = JSON.parse(
      readFileSync(join(dir, ".tvk/tenant/management-client.json"), "utf8"),
    );
    expect(readFileSync(after, "utf8")).not.toContain(secret.clientSecret);
  });

  test("name what is wrong with a file", () => {
    const file = join(dir, "wrong.json");
    expect(() => run("tenant", "import", join(dir, "none.json"), "--yes")).toThrow(/can't be read/);
    writeFileSync(file, "{");
    expect(() => run("tenant", "import", file, "--yes")).toThrow(/is not JSON/);
    writeFileSync(file, JSON.stringify({ clients: [{ name: "" }] }));
    expect(() => run("tenant", "import", file, "--yes")).toThrow(/clients\[0\]/);
  });
});

suite.runIf(process.platform === "linux")("tvk tenant trust and untrust", () => {
  test("add the CA to this user's NSS database and take it away, by a name of its own", () => {
    const home = mkdtempSync(join(tmpdir(), "tvk-home-"));
    const bin = join(home, "bin");
    const calls = join(home, "calls");
    mkdirSync(bin);
    const fake = `#!/bin/sh\necho "$@" >> ${calls}\ncase " $* " in *" -N "*) : > ${home}/.pki/nssdb/cert9.db;; esac\n`;
    writeFileSync(join(bin, "certutil"), fake, { mode: 0o755 });
    const before = env;
    env = {
      ...env,
      HOME: home,
      PATH: `${bin}:${env["PATH"]}`,
      XDG_CACHE_HOME: join(home, "cache"),
    };
    const { name, store } = json("tenant", "trust");
    expect(store).toBe(join(home, ".pki/nssdb"));
    expect(json("tenant", "untrust")).toMatchObject({ status: "untrusted", name });
    env = before;
    const database = `-d sql:${store}`;
    expect(readFileSync(calls, "utf8").trim().split("\n")).toEqual([
      `${database} -N --empty-password`,
      `${database} -A -n ${name} -t C,, -i ${join(dir, ".tvk/tenant/ca.pem")}`,
      `${database} -D -n ${name}`,
    ]);
    rmSync(home, { recursive: true, force: true });
  });

  test("say what to install where certutil is missing", () => {
    const before = env;
    env = { ...env, HOME: mkdtempSync(join(tmpdir(), "tvk-home-")), PATH: "/nowhere" };
    expect(() => run("tenant", "trust")).toThrow(/libnss3-tools/);
    env = before;
  });
});
