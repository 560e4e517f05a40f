/** @module `tvk completion`: the scripts in the shells that they are for. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../cli/main.ts";
import { testEnv, tvk } from "./run-tvk.ts";

/** What each shell offers for a line, in words; the line ends where the cursor is. */
const offers: Record<string, (script: string, line: string) => string> = {
  bash: (script, line) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    return `source ${script}
      COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _tvk
      printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
  // Zsh completes in its line editor only: its own functions are asked what they were given.
  zsh: (script, line) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    return `compdef() { :; }
      _describe() { local all; all=(\${(P)@[-1]}); print -l -- \${(M)\${all%%:*}:#\${words[CURRENT]}*}; }
      _files() { local each; for each in \${words[CURRENT]}*(N); do print -- $each; done; }
      source ${script}
      words=(${words.join(" ")}); CURRENT=${words.length}; _tvk`;
  },
  fish: (script, line) => `source ${script}; complete -C '${line}' | string split -f1 \\t`,
};

const installed = Object.keys(offers).filter(
  (shell) => spawnSync(shell, ["--version"]).error === undefined,
);
const missing = Object.keys(offers).filter((shell) => !installed.includes(shell));
if (missing.length > 0) {
  process.stderr.write(`test/cli/completion: no ${missing.join(", ")} here, so not tested\n`);
}

describe.each(installed)("tvk completion %s", (shell) => {
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "tvk-completion-"));
    const { exitCode, stdout } = await tvk(process.env, "completion", shell);
    expect(exitCode).toBe(0);
    writeFileSync(join(dir, "tvk.completion"), stdout);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function offered(line: string): string[] {
    const text = offers[shell]?.(join(dir, "tvk.completion"), line) ?? "";
    const plain: Record<string, string[]> = {
      bash: ["--norc"],
      zsh: ["-f"],
      fish: ["--no-config"],
    };
    const { stdout, stderr } = spawnSync(shell, [...(plain[shell] ?? []), "-c", text], {
      cwd: dir,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: dir, TERM: "dumb" },
    });
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean).sort();
  }

  it("offers every command", () => {
    expect(offered("tvk ")).toEqual(expect.arrayContaining(Object.keys(commands)));
    expect(offered("tvk disc")).toEqual(["disconnect"]);
  });

  it("offers a command's own commands", () => {
    expect(offered("tvk tenant st")).toEqual(["start", "status", "stop"]);
  });

  it("offers a command's flags and the global ones", () => {
    expect(offered("tvk fetch --da")).toEqual(["--data", "--data-file"]);
    expect(offered("tvk tenant start --t")).toEqual(["--tenant-port", "--timeout"]);
    expect(offered("tvk login --json --rec")).toEqual(["--reconfigure"]);
  });

  it("takes no flag's value for a command, and looks through flags that have none", () => {
    expect(offered("tvk --profile dev disc")).toEqual(["disconnect"]);
    expect(offered("tvk --json tenant --profile start st")).toEqual(["start", "status", "stop"]);
  });

  it("offers files where a flag wants one", () => {
    expect(offered("tvk fetch desk --data-file tvk.comp")).toEqual(["tvk.completion"]);
  });
});

describe("tvk completion", () => {
  it("names the shells it knows when asked for another: exit 2", async () => {
    const { exitCode, stderr } = await tvk(testEnv(), "completion", "csh");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
  });

  it("--json is one document with the script in it", async () => {
    const { json } = await tvk(testEnv(), "--json", "completion", "bash");
    expect(json()).toMatchObject({ shell: "bash", script: expect.stringContaining("_tvk") });
  });
});
