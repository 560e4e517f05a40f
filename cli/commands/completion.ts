/** @module `tvk completion SHELL`: prints what makes the Tab key complete commands and flags. */
import type { CommandDef } from "citty";
import { command } from "../command.ts";
import { commandTree } from "../completion/command-tree.ts";
import { scripts } from "../completion/scripts.ts";
import { inputError } from "../exit-codes.ts";
import { printResult } from "../output.ts";

/** @param commands All of them: main.ts, which has them, loads this. */
export function completion(commands: Record<string, () => Promise<CommandDef>>): CommandDef {
  return command({
    description: 'Print a shell\'s completion script: eval "$(tvk completion bash)"',
    args: {
      shell: { type: "positional", required: true, description: "bash, zsh or fish" },
    },
    run: async ({ args: { shell } }) => {
      const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
      if (!script) {
        const known = Object.keys(scripts).join(", ");
        throw inputError("invalid_input", `no completion for "${shell}"`, `Shells: ${known}.`);
      }
      const text = script(await commandTree(commands));
      printResult({ shell, script: text }, () => text.trimEnd());
      return undefined;
    },
  });
}
