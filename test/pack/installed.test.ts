import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, suite, test } from "vitest";
import { freePorts } from "../free-ports.ts";
import { type EmptyProject, emptyProject } from "./empty-project.ts";

let project: EmptyProject;

beforeAll(async () => {
  project = await emptyProject();
});
afterAll(() => project?.remove());

/** Every Node of this machine that the runtime is for (20 and later), by version. */
function nodes(): [string, string][] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const files = [process.execPath, ...folders.map((folder) => join(folder, "node"))];
  const found = files.filter(existsSync).map((file): [string, string] => {
    const version = execFileSync(file, ["-p", "process.versions.node"], { encoding: "utf8" });
    return [version.trim(), file];
  });
  return [...new Map(found)].filter(([version]) => Number.parseInt(version, 10) >= 20);
}

suite("the tarball in an empty project", () => {
  test("brings exactly one package, itself", () => {
    expect(project.installed).toEqual(["token-vault-kit"]);
  });

  test.for(nodes())("the runtime loads on Node %s", async ([, node]) => {
    const code = `
      import { ClientSecretPost, TokenVault } from "token-vault-kit/runtime";
      const vault = new TokenVault({
        domain: "acme.eu.auth0.com", clientId: "c", clientAuth: ClientSecretPost("s"),
        subjectToken: { type: "refresh_token", value: () => "r" }, allowedDomains: ["api.example.com"],
        fetch: async () => Response.json({ error: "invalid_grant" }, { status: 400 }),
      });
      await vault.token("wiki").catch((error) => console.log(error.name));`;
    const { stdout, stderr } = await project.run(node, ["--input-type=module", "-e", code]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/Error\n$/);
  });

  test("every door but the components' opens without another package", async () => {
    const manifest = join(project.dir, "node_modules/token-vault-kit/package.json");
    const { exports } = JSON.parse(readFileSync(manifest, "utf8"));
    const doors = Object.keys(exports).filter((door) => !/^\.$|\.json$/.test(door));
    const code = `
      for (const door of ${JSON.stringify(doors)}) {
        const opened = await import(door.replace(/^\\./, "token-vault-kit"));
        if (Object.keys(opened).length > 0) console.log(door);
      }`;
    const { stdout } = await project.run(process.execPath, ["--input-type=module", "-e", code]);
    expect(stdout.trim().split("\n")).toEqual(doors);
    expect(doors).toContain("./runtime");
  });

  test("a local tenant starts in the caller's own process and answers", async () => {
    project.write(
      "tenant.mjs",
      `import { setDefaultCACertificates } from "node:tls";
      import { startTenant } from "token-vault-kit/tenant";
      const tenant = await startTenant({ dir: "tenant", port: 0 });
      setDefaultCACertificates([tenant.caPem]);
      const answer = await fetch(tenant.url + "/.well-known/openid-configuration");
      console.log(tenant.url + "/" === (await answer.json()).issuer);
      await tenant.close();`,
    );
    const { stdout, stderr } = await project.run(process.execPath, ["tenant.mjs"]);
    expect({ stdout, stderr }).toEqual({ stdout: "true\n", stderr: "" });
  });

  test("attw finds every door's types, for importers of ES modules", async () => {
    const attw = fileURLToPath(import.meta.resolve("@arethetypeswrong/cli/package.json"));
    const { stdout, exitCode } = await project.run(process.execPath, [
      join(attw, "../dist/index.js"),
      inject("tarball"),
      "--profile=esm-only",
      "--format=ascii",
    ]);
    expect(stdout).toContain('"token-vault-kit/runtime"');
    expect(exitCode, stdout).toBe(0);
  });
});

suite("tvk from the tarball", () => {
  const env = () => ({ TVK_CONFIG_DIR: join(project.dir, "config") });

  test("prints the package's version", async () => {
    const { stdout, exitCode } = await project.run("tvk", ["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(exitCode).toBe(0);
  });

  test("on a Node that is too old says in one line which it needs, where the runtime loads", async () => {
    const code = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.0" } });`;
    const pretended = ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
    const tvk = join(project.dir, "node_modules/token-vault-kit/cli/tvk.js");
    const real = nodes().filter(([version]) => Number.parseInt(version, 10) < 22);
    for (const [node, flags] of [
      [process.execPath, pretended],
      ...real.map(([, file]): [string, string[]] => [file, []]),
    ] as [string, string[]][]) {
      const { exitCode, stdout, stderr } = await project.run(node, [...flags, tvk, "status"]);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^Error: tvk needs Node 24\.5 or later, .*\nInstall Node 24\. .*\n$/);
    }
  });

  test("starts a tenant, sees it and stops it", async () => {
    const [port = 0] = await freePorts(1);
    const tvk = async (...args: string[]) => {
      const { stdout, stderr } = await project.run("tvk", ["--json", "tenant", ...args], env());
      return JSON.parse(stdout || `"${stderr}"`);
    };
    const url = `https://localhost:${port}`;
    try {
      expect(await tvk("start", "--tenant-port", String(port))).toMatchObject({ url });
      expect(await tvk("status")).toMatchObject({ status: "running", url });
    } finally {
      expect(await tvk("stop")).toMatchObject({ status: "stopped" });
    }
  });

  test.for(["dev", "up", "login", "connect", "fetch", "status", "engine", "shell"])(
    "loads the command %s",
    async (name) => {
      const { stdout, exitCode } = await project.run("tvk", [name, "--help"], env());
      expect(stdout).toContain(`USAGE tvk ${name}`);
      expect(exitCode).toBe(0);
    },
  );
});

suite("what a start of tvk loads", () => {
  /** The package's own files that a run loads, in bytes. */
  async function loaded(...args: string[]) {
    const coverage = mkdtempSync(join(project.dir, "coverage-"));
    const env = { TVK_CONFIG_DIR: join(project.dir, "config"), NODE_V8_COVERAGE: coverage };
    await project.run("tvk", args, env);
    const urls = readdirSync(coverage).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8"));
      return result.map(({ url }: { url: string }) => url) as string[];
    });
    const own = new Set(urls.filter((url) => url.includes("/node_modules/token-vault-kit/")));
    return [...own].reduce((bytes, url) => bytes + statSync(new URL(url)).size, 0);
  }

  test("--version stays below 25,000 bytes", async () => {
    const bytes = await loaded("--version");
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(25_000);
  });

  test("fetch stays below 150,000 bytes: no library in it that only another command uses", async () => {
    const bytes = await loaded("fetch", "acme-helpdesk", "https://desk.example.com/tickets");
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(150_000);
  });
});

suite("a script of one's own", () => {
  const code = `
    import { bundleScript } from "token-vault-kit/scripts";
    try {
      const text = bundleScript({ entry: "./own.ts" });
      console.log(text.startsWith("function fetchUserProfile("));
    } catch (error) {
      console.log(error.code, error.hint);
    }`;
  const own =
    "export const fetchUserProfile = (t: string, c: unknown, done: Function) => done(null);";

  test("without esbuild, one error says what to install; with it, the script is bundled", async () => {
    project.write("own.ts", own);
    const bundled = () => project.run(process.execPath, ["--input-type=module", "-e", code]);
    expect((await bundled()).stdout).toBe("BUNDLER_MISSING Run: npm install --save-dev esbuild\n");
    project.bring("esbuild");
    expect((await bundled()).stdout).toBe("true\n");
  });
});
