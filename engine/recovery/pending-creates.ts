/** @module What became of the creates that a killed engine was at, where no plugin of ours takes an object over: the state is given them. */
import {
  type ExportedState,
  nameOf,
  operationsOf,
  type PendingOperation,
  resourcesOf,
  type StateResource,
} from "./exported-state.ts";

/**
 * Ids of the objects that a create can have made. `again`: creating it once more does no harm, so nobody
 * has to look. Undefined: nothing is known about such a resource.
 */
export type LookUp = (resource: StateResource) => Promise<readonly string[] | "again" | undefined>;

/** An object that bears a stack's mark, and the URN that it was made for. */
export interface Marked {
  readonly urn: string;
  readonly id: string;
}

/** What is to be done to a state. */
export interface Settlement {
  /** The state with every create settled: as it was, where there was none. */
  readonly state: ExportedState;
  /** Resources that the state has now, with the objects that were found. Call for a refresh at once. */
  readonly adopted: readonly { readonly urn: string; readonly id: string }[];
  /** Creates that came to nothing, or that may be made again. */
  readonly dropped: readonly string[];
  /** What a person has to decide, in words; then the state is not to be imported. */
  readonly open: readonly string[];
}

/**
 * Settles the pending creates of a state, and the objects that bear its marks without being in it: a
 * plugin that was killed leaves no pending operation.
 *
 * A create whose object is found becomes a resource with that id and empty outputs, which a refresh
 * fills; one whose object is not found is dropped. Nothing is guessed: where several objects may be the
 * one, or nobody can look, it is left open. Pure but for `lookUp`.
 *
 * @param retains Whether what is known by its marks alone is to stay when the program does not have it: a plain
 *   `pulumi` may have let it go on purpose.
 */
export async function settledCreates(
  state: ExportedState,
  lookUp: LookUp,
  marked: readonly Marked[] = [],
  retains = false,
): Promise<Settlement> {
  const resources = [...resourcesOf(state)];
  const known = new Set(resources.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const left: PendingOperation[] = [];
  const adopted: { urn: string; id: string }[] = [];
  const dropped: string[] = [];
  const open: string[] = [];
  const adopt = (resource: StateResource, id: string) => {
    resources.push({ ...resource, id, outputs: {} });
    known.add(id);
    adopted.push({ urn: resource.urn, id });
  };

  for (const operation of operationsOf(state)) {
    const { type, resource } = operation;
    if (type !== "creating") {
      left.push(operation);
      continue;
    }
    const all = await lookUp(resource);
    const found = Array.isArray(all) ? all.filter((id) => !known.has(id)) : all;
    const [id, ...others] = Array.isArray(found) ? found : [];
    if (found === undefined) open.push(`${describe(resource)}: nobody can look for it`);
    else if (others.length > 0) {
      open.push(
        `${describe(resource)}: one of ${[id, ...others].join(", ")}, and it can't be told which`,
      );
    } else if (id === undefined) dropped.push(resource.urn);
    else adopt(resource, id);
  }

  for (const { urn, id } of marked) {
    if (known.has(id)) continue;
    const resource = unrecorded(urn, resources);
    const taken = resources.some((each) => each.urn === urn && each.delete !== true);
    if (resource === undefined || taken) {
      const why = taken
        ? "the state has another for it"
        : "the state does not have what it belongs to";
      open.push(`${id} bears the mark of "${nameOf(urn)}", and ${why}`);
    } else adopt(retains ? { ...resource, retainOnDelete: true } : resource, id);
  }

  const pending = left.length === 0 ? {} : { pending_operations: left };
  const { pending_operations: _settled, ...deployment } = state.deployment;
  return {
    state: { ...state, deployment: { ...deployment, resources, ...pending } },
    adopted,
    dropped,
    open,
  };
}

/**
 * The resource that a URN names, as a create would have recorded it: its parent is the one component of
 * the URN's own chain of types, its provider the default one of its package.
 */
function unrecorded(urn: string, resources: readonly StateResource[]): StateResource | undefined {
  const [head = "", project = "", chain = ""] = urn.split("::");
  const types = chain.split("$");
  const type = types.at(-1) ?? "";
  const parents = resources.filter(
    (each) => each.urn.split("::")[2] === (types.slice(0, -1).join("$") || "pulumi:pulumi:Stack"),
  );
  const providers = resources.filter(
    (each) => each.type === `pulumi:providers:${type.split(":")[0]}` && each.delete !== true,
  );
  const [parent] = parents;
  const [provider] = providers;
  if (!head.startsWith("urn:pulumi:") || project === "" || parents.length !== 1) return undefined;
  if (parent === undefined || provider === undefined || providers.length !== 1) return undefined;
  return {
    urn,
    custom: true,
    type,
    inputs: {},
    parent: parent.urn,
    provider: `${provider.urn}::${provider.id}`,
  };
}

function describe({ urn, type }: StateResource): string {
  return `creating "${nameOf(urn)}" (${type})`;
}
