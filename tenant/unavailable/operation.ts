/** @module Operations of Auth0's APIs that this tenant lacks: it says so by name, with status 501. */

/** One path a line: the methods, then the path with its parameters in braces. */
export type OperationLines = string;

interface Pattern {
  readonly methods: readonly string[];
  readonly path: string;
  readonly matches: RegExp;
}

const parsed = new Map<OperationLines, Pattern[]>();

/** The names in `lines`, each `METHOD /path/{parameter}`. */
export function operationNames(lines: OperationLines): string[] {
  return patterns(lines).flatMap(({ methods, path }) =>
    methods.map((method) => `${method} ${path}`),
  );
}

/** The name of the operation that a request asks for; undefined where `lines` have none. */
export function unavailableOperation(
  lines: OperationLines,
  method: string,
  path: string,
): string | undefined {
  const found = patterns(lines)
    .filter((pattern) => pattern.methods.includes(method) && pattern.matches.test(path))
    // `/actions/actions/deploy` is meant where `/actions/actions/{id}` would do as well.
    .sort((one, other) => parameters(one) - parameters(other))[0];
  return found && `${method} ${found.path}`;
}

function parameters({ path }: Pattern): number {
  return path.split("{").length;
}

function patterns(lines: OperationLines): Pattern[] {
  const known = parsed.get(lines);
  if (known) return known;
  const list = lines
    .trim()
    .split("\n")
    .map((line): Pattern => {
      const words = line.trim().split(" ");
      const path = words.at(-1) ?? "";
      const source = path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+");
      return { methods: words.slice(0, -1), path, matches: new RegExp(`^${source}/?$`) };
    });
  parsed.set(lines, list);
  return list;
}
