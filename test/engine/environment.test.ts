/** @module The environment in which a stack's `pulumi` runs: private, quick, and without a secret in it. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { engineEnvironment, overriding } from "../../engine/environment.ts";
import { findEngine } from "../../engine/find-engine.ts";

const repository = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const nodeBin = dirname(process.execPath);
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-environment-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const options = (env: NodeJS.ProcessEnv = {}) => ({
  home: join(dir, "home"),
  backendDir: join(dir, "backend"),
  passphraseFile: join(dir, "passphrase"),
  bin: "/engine/bin",
  nodeBin,
  env,
});

/** Runs a program with the kit's Node and the environment's NODE_OPTIONS. */
function runNode(program: string, env: Record<string, string>): string {
  return execFileSync(process.execPath, ["-e", program], {
    cwd: repository,
    env: { PATH: process.env["PATH"], ...env },
    encoding: "utf8",
    stdio: "pipe",
  });
}

suite("engineEnvironment()", () => {
  test("puts our Node first on the PATH, then the engine, then the caller's own", () => {
    expect(engineEnvironment(options({ PATH: "/usr/bin" }))["PATH"]).toBe(
      [nodeBin, "/engine/bin", "/usr/bin"].join(delimiter),
    );
    expect(engineEnvironment(options())["PATH"]).toBe([nodeBin, "/engine/bin"].join(delimiter));
  });

  test("keeps the caller's NODE_OPTIONS behind its own", () => {
    const { NODE_OPTIONS: own } = engineEnvironment(options({ NODE_OPTIONS: "--no-warnings" }));
    expect(own).toMatch(/^--require=.*preload\.cjs --no-warnings$/);
  });

  test("keeps gRPC, which takes a proxy in small letters for loopback too, away from it", () => {
    const proxied = (env: NodeJS.ProcessEnv) => engineEnvironment(options(env))["no_proxy"];
    const https_proxy = "http://proxy.test:8080";
    expect(proxied({ https_proxy })).toBe("localhost,127.0.0.1,::1");
    expect(proxied({ https_proxy, NO_PROXY: "acme.test,localhost" })).toBe(
      "acme.test,localhost,127.0.0.1,::1",
    );
    expect(proxied({ HTTPS_PROXY: https_proxy })).toBeUndefined();
  });

  test("trusts an authority only where one is given", () => {
    expect(engineEnvironment({ ...options(), caFile: "/ca.pem" })["NODE_EXTRA_CA_CERTS"]).toBe(
      "/ca.pem",
    );
    expect(engineEnvironment(options())).not.toHaveProperty("NODE_EXTRA_CA_CERTS");
  });

  test("is understood by Node when the kit lies in a folder with spaces and quotes", () => {
    const odd = join(dir, `a "b" c`);
    mkdirSync(odd);
    for (const name of ["environment.ts", "preload.cjs"])
      cpSync(join(repository, "engine", name), join(odd, name));
    const program = `const { engineEnvironment } = await import(process.argv[1]);
      process.stdout.write(engineEnvironment(JSON.parse(process.argv[2])).NODE_OPTIONS);`;
    const made = execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        program,
        join(odd, "environment.ts"),
        JSON.stringify(options()),
      ],
      { encoding: "utf8" },
    );
    const loaded =
      'console.log(Object.keys(require.cache).some((file) => file.endsWith("preload.cjs")))';
    expect(runNode(loaded, { NODE_OPTIONS: made })).toBe("true\n");
    // The same without quoting does not start at all.
    expect(() =>
      runNode(loaded, { NODE_OPTIONS: `--require=${join(odd, "preload.cjs")}` }),
    ).toThrow();
  });
});

suite("the preload", () => {
  const loaded = `const cache = Object.keys(require.cache);
    const has = (name) => cache.some((file) => file.includes("/node_modules/" + name + "/"));
    console.log(JSON.stringify([has("@pulumi/pulumi"), has("typescript"), has("@npmcli/arborist")]));`;
  const preloaded = () => ({ NODE_OPTIONS: engineEnvironment(options())["NODE_OPTIONS"] ?? "" });

  test("keeps typescript and arborist out of a program that only loads the SDK", () => {
    const program = `require("@pulumi/pulumi"); ${loaded}`;
    expect(JSON.parse(runNode(program, preloaded()))).toEqual([true, false, false]);
    // What it is for: the SDK alone loads both.
    expect(JSON.parse(runNode(program, {}))).toEqual([true, true, true]);
  });

  test("loads typescript when a function is serialised, with the same result as without the preload", () => {
    const program = `const { runtime } = require("@pulumi/pulumi"); const factor = 3;
      runtime.serializeFunction((x) => x * factor).then(({ text }) => console.log(text));`;
    const text = runNode(program, preloaded());
    expect(text).toContain("(x) => x * factor");
    expect(text).toBe(runNode(program, {}));
  });

  test("leaves typescript to everybody else as it is", () => {
    const program = `console.log(require("typescript").version, Object.keys(require("typescript")).length > 1000)`;
    expect(runNode(program, preloaded())).toBe(runNode(program, {}));
  });
});

suite("a run of the real engine in this environment", () => {
  test("takes a TypeScript program as it is, warns of nothing, and leaves the committed configuration alone", async () => {
    const engine = await findEngine();
    const project = join(dir, "project");
    const initDir = join(dir, "init");
    for (const name of ["project", "init", "home", "backend"]) mkdirSync(join(dir, name));
    writeFileSync(join(dir, "passphrase"), "correct horse");
    const committed = "config:\n  little:greeting: hello # committed\n";
    const yaml = "name: little\nruntime: nodejs\nmain: index.ts\n";
    writeFileSync(join(project, "Pulumi.yaml"), yaml);
    writeFileSync(join(initDir, "Pulumi.yaml"), yaml);
    writeFileSync(join(project, "Pulumi.dev.yaml"), committed);
    writeFileSync(join(dir, "rendered.yaml"), committed);
    writeFileSync(join(project, "package.json"), '{"type":"module"}');
    const program = `import * as pulumi from "@pulumi/pulumi";
      export const greeting: pulumi.Output<string> = pulumi.secret(new pulumi.Config().require("greeting") as string);`;
    writeFileSync(join(project, "index.ts"), program);
    symlinkSync(join(repository, "node_modules"), join(project, "node_modules"));

    // A passphrase of the caller's own would win over the stack's file, and decrypt nothing of it.
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PULUMI_CONFIG_PASSPHRASE: "another",
      ...engineEnvironment({ ...options(process.env), bin: engine.bin }),
    };
    for (const name of overriding) delete env[name];
    const pulumi = (cwd: string, args: string[], more: NodeJS.ProcessEnv = {}) =>
      execFileSync(engine.pulumi, args, {
        cwd,
        env: { ...env, ...more },
        encoding: "utf8",
        stdio: "pipe",
      });
    pulumi(initDir, ["stack", "init", "dev"]);
    const flags = {
      PULUMI_OPTION_CONFIG_FILE: join(dir, "rendered.yaml"),
      PULUMI_OPTION_STACK: "dev",
    };
    const said = pulumi(project, ["up", "--yes", "--skip-preview", "--non-interactive"], flags);
    expect(said).not.toMatch(/warning/i);
    const output = ["stack", "output", "--show-secrets", "greeting"];
    expect(pulumi(project, output, flags).trim()).toBe("hello");
    expect(() =>
      pulumi(project, output, { ...flags, PULUMI_CONFIG_PASSPHRASE: "another" }),
    ).toThrow(/incorrect passphrase/);
    expect(readFileSync(join(project, "Pulumi.dev.yaml"), "utf8")).toBe(committed);
    expect(readFileSync(join(dir, "rendered.yaml"), "utf8")).toContain("encryptionsalt");
  }, 600_000);
});
