/** @module The engine built from its official Go modules. */
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { engineLayout, type Making } from "./engine.ts";
import { type GoToolchain, goToolchain } from "./go-toolchain.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { runCommand } from "./run-command.ts";
import { cliProgram, type GoProgram, hostProgram, leastGoVersion } from "./versions.ts";

/**
 * Starts the real language host without ts-node: the program is run by Node's own type stripping.
 *
 * A CLI of this version hands `runtime.options` over by another way than a host of that version
 * reads, so that `typescript: false` in Pulumi.yaml has no effect without it.
 */
const shim = `#!/bin/sh
exec "\${0%/*}/../libexec/${hostProgram.binary}" -typescript=false "$@"
`;

/**
 * Builds the CLI and the language host into `dir`.
 *
 * Downloads the modules through the user's own proxy and checksum database settings, which are not
 * touched. Go that we had to bring keeps its caches in our cache folder until it is done with them.
 *
 * @returns The CLI's version.
 * @throws {NotThisWay} There is no Go, or it fails; the message ends with what it said.
 */
export async function goBuild(dir: string, making: Making): Promise<string> {
  const work = join(dir, "work");
  const brought = join(making.cacheDir, "engine", "go");
  const toolchain = await goToolchain(work, making);
  const env = goEnvironment(making.env, toolchain, brought);
  const { bin, pulumi, host, realHost } = engineLayout(dir);
  await Promise.all([bin, join(dir, "libexec")].map((each) => mkdir(each)));
  await rename(await build(cliProgram, toolchain, work, { ...making, env }), pulumi);
  await rename(await build(hostProgram, toolchain, work, { ...making, env }), realHost);
  await writeFile(host, shim);
  await chmod(host, 0o755);
  await Promise.all([work, brought].map((each) => rm(each, { recursive: true, force: true })));
  return cliProgram.version;
}

async function build(
  program: GoProgram,
  toolchain: GoToolchain,
  work: string,
  making: Making,
): Promise<string> {
  const { env, signal, report } = making;
  const cwd = join(work, program.binary);
  await mkdir(cwd, { recursive: true });
  // Any module path but `toolchain`, which Go keeps for itself.
  const module = `module token-vault-kit.local/engine\n\ngo ${leastGoVersion}\n\n`;
  await writeFile(join(cwd, "go.mod"), `${module}require ${program.module} v${program.version}\n`);
  const flags = ["-mod=mod", ...(toolchain.ours ? ["-modcacherw"] : [])];

  let modules = 0;
  const listed = await withHeartbeat(
    report,
    () => `fetching the modules of ${program.title}${modules === 0 ? "" : `: ${modules}`}`,
    () => {
      const onLine = (line: string) => {
        if (line.startsWith("go: downloading")) modules++;
      };
      return runCommand(toolchain.go, ["list", ...flags, "-deps", program.package], {
        env,
        cwd,
        signal,
        onLine,
      });
    },
  );

  const total = listed.trimEnd().split("\n").length;
  const output = join(work, `${program.binary}.bin`);
  const optimised = ["-trimpath", "-buildvcs=false", "-ldflags", program.linkerFlags];
  let packages = 0;
  await withHeartbeat(
    report,
    () => `compiling ${program.title}: ${packages} of at most ${total} packages`,
    () => {
      // -v names each package that it compiles; those in Go's build cache are not named.
      const onLine = () => {
        packages++;
      };
      const args = ["build", ...flags, "-v", ...optimised, "-o", output, program.package];
      return runCommand(toolchain.go, args, { env, cwd, signal, onLine });
    },
  );
  return output;
}

function goEnvironment(
  env: NodeJS.ProcessEnv,
  { ours }: GoToolchain,
  brought: string,
): NodeJS.ProcessEnv {
  // A user who compiles for other machines still wants an engine for this one.
  const { GOOS: _system, GOARCH: _processor, GOROOT: _root, ...rest } = env;
  const caches = {
    GOPATH: join(brought, "path"),
    GOMODCACHE: join(brought, "modules"),
    GOCACHE: join(brought, "build"),
  };
  return {
    ...rest,
    ...(ours ? caches : {}),
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
  };
}
