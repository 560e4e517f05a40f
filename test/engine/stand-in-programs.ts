/** @module Stand-ins for the programs that the engine's search starts: pulumi, go, python3. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { onPath } from "../../engine/path-engine.ts";

/** What each test of a file gets anew: nothing of the machine's own engine, Go or Python is in it. */
export interface Machine {
  dir: string;
  /** Folder on the PATH for the test's own programs. */
  programs: string;
  cache: string;
  /** A PATH of `programs` and the few tools that shell scripts need. */
  env: NodeJS.ProcessEnv;
}

const tools = ["sh", "tar", "gzip", "cat", "cp", "sleep", "mkdir", "chmod", "touch"];

/** A machine with a cache folder, an own PATH and no program on it, for each test. */
export function eachMachine(): Machine {
  const machine = {} as Machine;
  beforeEach(() => {
    machine.dir = mkdtempSync(join(tmpdir(), "tvk-engine-"));
    machine.programs = join(machine.dir, "programs");
    machine.cache = join(machine.dir, "cache");
    const toolDir = join(machine.dir, "tools");
    for (const each of [machine.programs, toolDir]) mkdirSync(each);
    for (const tool of tools) {
      const found = onPath(tool, process.env);
      if (found !== undefined) symlinkSync(found, join(toolDir, tool));
    }
    machine.env = {
      HOME: machine.dir,
      PATH: [machine.programs, toolDir].join(delimiter),
      TVK_CACHE_DIR: machine.cache,
    };
  });
  afterEach(() => rmSync(machine.dir, { recursive: true, force: true }));
  return machine;
}

/** Writes an executable shell script and returns its path. */
export function script(file: string, body: string): string {
  mkdirSync(join(file, ".."), { recursive: true });
  if (existsSync(file)) rmSync(file);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A `pulumi` and a language host that say they are of that version. */
export function engineScripts(dir: string, version: string): void {
  script(join(dir, "pulumi"), pulumiBody(version));
  script(join(dir, "pulumi-language-nodejs"), "exit 0");
}

/** A `pulumi` that knows one command. */
export function pulumiBody(version: string): string {
  return `[ "$1" = version ] && echo v${version}`;
}

/**
 * A `go` that "builds" scripts: it writes a line to `go.log` for each call, and what `during` says
 * happens while it builds.
 */
export function goScript({ dir, programs }: Machine, during = ""): void {
  script(
    join(programs, "go"),
    `echo "$1 $GOTOOLCHAIN $CGO_ENABLED $GOFLAGS" >> ${dir}/go.log
case "$1" in
  env) echo go1.26.8 ;;
  list) echo "go: downloading example.org/one v1.0.0" >&2; printf 'one\\ntwo\\nthree\\n' ;;
  build)
    echo one >&2
    ${during}
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n[ "$1" = version ] && echo v3.245.0 || echo "$@"\\n' > "$2"
    chmod 755 "$2" ;;
esac`,
  );
}

/** Releases that nobody serves: an address on this machine at which nothing listens. */
export const noReleases = "http://127.0.0.1:9/releases";
