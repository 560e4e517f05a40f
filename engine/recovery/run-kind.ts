/** @module What an engine's command does to a stack. */

/**
 * `changes`: writes the state. `removes`: the same, and what it leaves behind nobody finds again.
 * `previews`: reads the state and tells what would change. `other`: needs no sound state.
 */
export type RunKind = "changes" | "removes" | "previews" | "other";

const kinds: Readonly<Record<string, RunKind>> = {
  up: "changes",
  update: "changes",
  refresh: "changes",
  import: "changes",
  watch: "changes",
  destroy: "removes",
  down: "removes",
  dn: "removes",
  preview: "previews",
  pre: "previews",
  "stack rm": "removes",
  "stack import": "changes",
  "stack rename": "changes",
  "stack change-secrets-provider": "changes",
  "state delete": "changes",
  "state edit": "changes",
  "state move": "changes",
  "state protect": "changes",
  "state rename": "changes",
  "state repair": "changes",
  "state unprotect": "changes",
  "state upgrade": "changes",
};

/** The arguments without flags: the command first. */
export function wordsOf(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith("-"));
}

/**
 * The kind of `pulumi ARGS`. A word that is a flag's value is taken for a command only if it stands first.
 */
export function runKind(args: readonly string[]): RunKind {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return "other";
  if (args.includes("--preview-only")) return "previews";
  const [first = "", second = ""] = wordsOf(args);
  return kinds[first] ?? kinds[`${first} ${second}`] ?? "other";
}
