/** @module Property paths: where in a resource's properties something is, in Pulumi's own notation. */

export type Path = readonly (string | number)[];

/** Writes a path as the engine reads it: `options.scopes[0]`, `metadata["a.b"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `["${part.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"]`;
  }
  return text;
}

/** Reads a path from Pulumi's notation. `*` stands for any part and is kept as it is. */
export function parsePath(text: string): Path {
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.[\]]+)/g;
  return [...text.matchAll(part)].map(([, quoted, index, name]) => {
    if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, "$1");
    if (index !== undefined) return index === "*" ? "*" : Number(index);
    return name ?? "";
  });
}

/** Whether `path` lies at or below `prefix`. */
export function within(path: Path, prefix: Path): boolean {
  return (
    prefix.length <= path.length &&
    prefix.every((part, index) => part === "*" || String(part) === String(path[index]))
  );
}
