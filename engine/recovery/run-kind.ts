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

/** Flags that may stand before the command and whose value is the next word (`pulumi --help`, 3.245). */
const valued = new Set([
  ...["-C", "--cwd", "-s", "--stack", "-v", "--verbose", "--color"],
  ...["--memprofilerate", "--otel-traces", "--profiling", "--tracing"],
]);

/** The arguments without flags: the command first. */
export function wordsOf(args: readonly string[]): string[] {
  return args.filter((arg, at) => !arg.startsWith("-") && !valued.has(args[at - 1] ?? ""));
}

/**
 * True for `pulumi stack rm --force`, which leaves behind all that the stack has. For `destroy` the same
 * letter says that no preview is wanted.
 */
export function leavesAll(args: readonly string[]): boolean {
  const [first, second] = wordsOf(args);
  // One letter may follow another, and the last have its value attached: -yf, -fsdev; but -sfoo is a stack's name.
  const isForce = (arg: string) =>
    /^(--force(=(true|t|1))?|-[eQy]*f(=(true|t|1)|[^=].*)?)$/i.test(arg);
  return first === "stack" && second === "rm" && args.some(isForce);
}

/** The kind of `pulumi ARGS`. */
export function runKind(args: readonly string[]): RunKind {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return "other";
  if (args.includes("--preview-only")) return "previews";
  const [first = "", second = ""] = wordsOf(args);
  return kinds[first] ?? kinds[`${first} ${second}`] ?? "other";
}
