/** @module What a preview would change of adopted objects, as the configuration that keeps it from doing so. */

/** What `pulumi preview --json` says of a resource. */
interface Step {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: { readonly inputs?: Readonly<Record<string, unknown>> };
  readonly newState?: { readonly type?: string; readonly custom?: boolean };
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** By a resource's name and a property's path: the value that the object has, null where it has none. */
export type Kept = Record<string, Record<string, unknown>>;

/** What is left to do after adoption. */
export interface Differences {
  readonly kept: Kept;
  /** Secrets that differ: no configuration file may have them. As `resource: path`. */
  readonly secrets: readonly string[];
  /** Resources that would be made or deleted. */
  readonly others: readonly string[];
}

/** What a preview shows in a secret's place. */
const secretMark = "[secret]";

/** Reads the differences out of a preview. */
export function differences(preview: string, mayMake: readonly string[]): Differences {
  const { steps = [] } = JSON.parse(preview) as { steps?: readonly Step[] };
  const kept: Kept = {};
  const secrets: string[] = [];
  const others: string[] = [];
  for (const step of steps) {
    const name = step.urn.split("::").at(-1) ?? step.urn;
    if (step.op === "same" || step.newState?.custom === false) continue;
    const changed = Object.keys(step.detailedDiff ?? {}).map((path) => path.split("[")[0] ?? path);
    if (changed.length === 0 && !mayMake.includes(name)) others.push(`${step.op} ${name}`);
    for (const path of new Set(changed)) {
      const value = at(step.oldState?.inputs, path.split("."));
      if (JSON.stringify(value ?? null).includes(secretMark)) secrets.push(`${name}: ${path}`);
      else kept[name] = { ...kept[name], [path]: value ?? null };
    }
  }
  return { kept, secrets, others };
}

function at(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== "object" || value === null) {
    return key === undefined ? value : undefined;
  }
  return at((value as Record<string, unknown>)[key], rest);
}
