/** @module The engine's build as the real Go command carries it out, on small modules of the same names. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { findEngine } from "../../engine/find-engine.ts";
import { onPath } from "../../engine/path-engine.ts";
import { cliProgram, hostProgram, isAtLeast, leastGoVersion } from "../../engine/versions.ts";
import { moduleProxy, type ProxyModule } from "./module-proxy.ts";
import { eachMachine, noReleases } from "./stand-in-programs.ts";

const machine = eachMachine();
const found = onPath("go", process.env);
const version = found && execFileSync(found, ["env", "GOVERSION"], { encoding: "utf8" });
const go = version !== undefined && isAtLeast(version, leastGoVersion) ? found : undefined;
const goBin = go === undefined ? "" : join(go, "..");

const versionPackage = "go/common/version/version.go";
const sdk = (version: string, files: Record<string, string>): ProxyModule => ({
  path: "github.com/pulumi/pulumi/sdk/v3",
  version,
  files: { "go.mod": "module github.com/pulumi/pulumi/sdk/v3\n\ngo 1.24\n", ...files },
});

/** What the search needs of the two real modules: a version that the linker sets, and two programs. */
const modules: readonly ProxyModule[] = [
  {
    path: cliProgram.module,
    version: cliProgram.version,
    files: {
      "go.mod": `module ${cliProgram.module}\n\ngo 1.25\n\nrequire github.com/pulumi/pulumi/sdk/v3 v${cliProgram.version}\n`,
      "cmd/pulumi/main.go":
        'package main\n\nimport "github.com/pulumi/pulumi/sdk/v3/go/common/version"\n\nfunc main() { println2(version.Version) }\n',
      "cmd/pulumi/print.go":
        'package main\n\nimport "os"\n\nfunc println2(s string) { os.Stdout.WriteString(s + "\\n") }\n',
    },
  },
  sdk(cliProgram.version, { [versionPackage]: 'package version\n\nvar Version = "unset"\n' }),
  sdk(hostProgram.version, {
    "nodejs/cmd/pulumi-language-nodejs/main.go":
      'package main\n\nimport (\n\t"os"\n\t"strings"\n)\n\nfunc main() { os.Stdout.WriteString(strings.Join(os.Args[1:], " ")) }\n',
  }),
];

suite(
  go === undefined
    ? "the real Go build (not tested: this machine has no Go that is new enough)"
    : "the real Go build",
  () => {
    test.runIf(go !== undefined)(
      "makes a CLI that knows its version, and a language host behind its shim",
      async () => {
        const path = execFileSync(go ?? "", ["env", "GOCACHE"], { encoding: "utf8" }).trim();
        const env = {
          ...machine.env,
          PATH: `${goBin}:${machine.env["PATH"]}`,
          GOPROXY: moduleProxy(join(machine.dir, "proxy"), modules),
          // The checksum database does not know these modules: here alone it is off.
          GOSUMDB: "off",
          GOMODCACHE: join(machine.dir, "modules"),
          GOFLAGS: "-modcacherw",
          GOCACHE: path,
        };
        const lines: string[] = [];
        const progress = (line: string) => lines.push(line);
        const engine = await findEngine({ env, progress, releases: noReleases });
        expect(engine).toMatchObject({ origin: "go", version: cliProgram.version });
        const say = (program: string, ...args: string[]) =>
          execFileSync(program, args, { encoding: "utf8" });
        expect(say(engine.pulumi, "version")).toBe(`v${cliProgram.version}\n`);
        expect(say(join(engine.bin, hostProgram.binary), "127.0.0.1:9")).toBe(
          "-typescript=false 127.0.0.1:9",
        );
        expect(lines.join("\n")).toMatch(
          /compiling Pulumi CLI 3\.245\.0: \d+ of at most [1-9]\d* packages/,
        );
      },
      240_000,
    );
  },
);
