/** @module The engine that the user has on the PATH is taken only when it runs and is new enough. */
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { pathEngine } from "../../engine/path-engine.ts";
import { eachMachine, engineScripts, pulumiBody, script } from "./stand-in-programs.ts";

const machine = eachMachine();
const program = (name: string) => join(machine.programs, name);

suite("pathEngine()", () => {
  test("takes a CLI and a language host on the PATH", async () => {
    engineScripts(machine.programs, "3.260.1");
    expect(await pathEngine(machine.env)).toEqual({
      pulumi: program("pulumi"),
      bin: machine.programs,
      origin: "path",
      version: "3.260.1",
    });
  });

  test("finds the language host beside the CLI's own file when the PATH has a link to it", async () => {
    const own = join(machine.dir, "opt");
    mkdirSync(own);
    engineScripts(own, "3.260.0");
    symlinkSync(join(own, "pulumi"), program("pulumi"));
    expect(await pathEngine(machine.env)).toMatchObject({
      bin: machine.programs,
      version: "3.260.0",
    });
  });

  test("says that there is none", async () => {
    await expect(pathEngine(machine.env)).rejects.toThrow("there is none");
  });

  test("refuses a CLI that is too old, naming it and both versions", async () => {
    engineScripts(machine.programs, "3.199.9");
    await expect(pathEngine(machine.env)).rejects.toThrow(
      `${program("pulumi")} is 3.199.9, older than 3.200.0`,
    );
  });

  test("refuses a CLI without a language host", async () => {
    engineScripts(machine.programs, "3.260.0");
    rmSync(program("pulumi-language-nodejs"));
    await expect(pathEngine(machine.env)).rejects.toThrow("has no pulumi-language-nodejs with it");
  });

  test.each([
    ["a CLI that fails", "echo out of luck >&2; exit 3", "ended with 3:\n    out of luck"],
    ["a program of that name that is something else", "echo hello", "does not say its version"],
    ["a program that is killed", "kill -9 $$", "ended with SIGKILL"],
  ])("refuses %s", async (_, body, reason) => {
    engineScripts(machine.programs, "3.260.0");
    script(program("pulumi"), body);
    await expect(pathEngine(machine.env)).rejects.toThrow(reason);
  });

  test("refuses a language host that does not start", async () => {
    engineScripts(machine.programs, "3.260.0");
    script(program("pulumi-language-nodejs"), "exit 126");
    await expect(pathEngine(machine.env)).rejects.toThrow(
      "pulumi-language-nodejs -help ended with 126",
    );
  });

  test("passes over a file that can't be executed, and over relative folders", async () => {
    engineScripts(machine.programs, "3.260.0");
    const plain = join(machine.dir, "plain");
    mkdirSync(plain);
    script(join(plain, "pulumi"), pulumiBody("3.999.0"));
    chmodSync(join(plain, "pulumi"), 0o644);
    const env = { ...machine.env, PATH: `relative:${plain}:${machine.env["PATH"]}` };
    expect((await pathEngine(env)).pulumi).toBe(program("pulumi"));
    renameSync(program("pulumi"), program("other"));
    await expect(pathEngine(env)).rejects.toThrow("there is none");
  });
});
