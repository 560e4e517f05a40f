/** @module How a command is written: citty's definition, with the global flags read for it. */
import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import type { ExitCode } from "./exit-codes.ts";
import type { Globals } from "./globals.ts";

/** What a command's `run` is given. */
interface Call<T extends ArgsDef> {
  args: ParsedArgs<T>;
  globals: Globals;
  /** Every value of a flag that may be given several times. */
  every: (flag: string) => string[];
}

/** What main.ts puts into citty's `data`. */
export type CallData = Pick<Call<ArgsDef>, "globals" | "every">;

export interface TvkCommand<T extends ArgsDef> {
  description: string;
  args: T;
  /** The code of a failure that no rule names, e.g. `login_failed`. */
  failure?: string;
  /** Prints with `printResult`, and returns an exit code where it is not 0. */
  run: (call: Call<T>) => Promise<ExitCode | undefined>;
}

/** Makes a citty command of it. */
export function command<const T extends ArgsDef>(definition: TvkCommand<T>): CommandDef {
  const { description, args, failure, run } = definition;
  const made: CommandDef<T> = {
    meta: { description, ...(failure ? { failure } : {}) },
    args,
    run: ({ args: parsed, data }) => run({ args: parsed, ...(data as CallData) }),
  };
  // citty's type ties `run` to its own arguments; a table of commands only needs what all have.
  return made as unknown as CommandDef;
}
