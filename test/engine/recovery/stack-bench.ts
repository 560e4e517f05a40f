/** A stack's files in a temporary folder, for recovery to look at. No engine runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { GuardedStack } from "../../../engine/recovery/guarded-stack.ts";

export interface StackBench extends GuardedStack {
  /** What the user was told. */
  readonly notes: string[];
  /** The engine's runs, and what to do in their place. */
  readonly runs: string[];
  onRun: () => void;
  /** What each renewal of services was told. */
  readonly renewals: (readonly string[])[];
  readonly stateFile: string;
  /** Writes a file of the backend; its folders are made. */
  write(path: string, text: string): string;
  /** Writes the stack's state with these pending operations. */
  writeState(
    pending?: readonly { type: string; resource: { urn: string } }[],
    resources?: readonly {
      readonly urn: string;
      readonly type: string;
      readonly id: string;
      readonly retainOnDelete?: boolean;
      readonly outputs?: { readonly stdout: string };
    }[],
  ): void;
  /** Writes a lock of the backend and gives its path. */
  writeLock(name: string, text: string | object): string;
  remove(): void;
}

export function stackBench(): StackBench {
  const dir = mkdtempSync(join(tmpdir(), "tvk-recovery-"));
  const backendDir = join(dir, "backend");
  const stateFile = join(backendDir, ".pulumi/stacks/desk/dev.json");
  const bench: StackBench = {
    dir,
    home: join(dir, "home"),
    backendDir,
    project: "desk",
    stack: "dev",
    notes: [],
    runs: [],
    renewals: [],
    stateFile,
    onRun: () => {},
    async pulumi(args) {
      bench.runs.push(args.join(" "));
      bench.onRun();
      return { exitCode: 0, stdout: "", stderr: "" };
    },
    note: (line) => void bench.notes.push(line),
    sweep: async () => [],
    renewServices: async (said) => void bench.renewals.push(said),
    write(path, text) {
      const file = join(backendDir, ".pulumi", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    writeState(pending = [], resources = [{ urn: "urn:a", type: "a:b:C", id: "a1" }]) {
      const latest = { resources, pending_operations: pending };
      bench.write("stacks/desk/dev.json", JSON.stringify({ version: 3, checkpoint: { latest } }));
    },
    writeLock: (name, text) =>
      bench.write(
        `locks/organization/desk/dev/${name}.json`,
        typeof text === "string" ? text : JSON.stringify(text),
      ),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  return bench;
}
