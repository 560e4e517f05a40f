/** @module A resource that is one object of the daemon: a container, a network or a volume. */

import { autoName } from "../protocol/auto-name.ts";
import { within } from "../protocol/path.ts";
import type { Change, Resource } from "../protocol/plugin.ts";
import { seal, secretPaths } from "../protocol/secrets.ts";
import {
  type Plain,
  type PlainMap,
  type PropertyMap,
  revealMap,
  same,
  UNKNOWN,
} from "../protocol/value.ts";
import { absentValue, equal, failuresOf, type Properties, type Property } from "./property.ts";

/** What tells one kind of object from another. */
export interface ObjectKind {
  readonly properties: Properties;
  /** Properties that only the official plugin has. */
  readonly unsupported: readonly string[];
  /** Outputs that an update in place leaves as they are. */
  readonly stables: readonly string[];
  /** Whether the old object is in the new one's way, besides by its name. */
  inTheWay?(news: PlainMap, outputs: PlainMap): boolean;
  /** Makes the object and returns its id. Where that fails nothing is left. */
  create(inputs: PlainMap, urn: string): Promise<string>;
  /**
   * What the daemon says of the object, as properties; undefined where it is gone.
   *
   * @param asked The inputs that the object was made for; empty for an import.
   */
  read(
    id: string,
    asked: PlainMap,
  ): Promise<{ readonly id: string; readonly found: PlainMap } | undefined>;
  /** Puts changes into effect that need no new object. */
  update?(id: string, inputs: PlainMap): Promise<void>;
  /** Removes the object; one that is gone is a success. */
  remove(id: string, outputs: PlainMap): Promise<void>;
}

/** Makes the resource of a kind. */
export function objectResource(kind: ObjectKind): Resource {
  const { properties } = kind;
  const outputsOf = (inputs: PropertyMap, found: PlainMap, id: string): PropertyMap => {
    const plain = revealMap(inputs);
    const outputs: PlainMap = { id };
    for (const [name, property] of Object.entries(properties)) {
      const [input, seen] = [plain[name], found[name]];
      // What the daemon does not tell is as it was asked for.
      if (seen === undefined) outputs[name] = input ?? absentValue(property);
      else outputs[name] = input !== undefined && equal(input, seen, property) ? input : seen;
    }
    return seal(outputs, secretPaths(inputs));
  };
  const readBack = async (id: string, inputs: PropertyMap): Promise<PropertyMap> => {
    const read = await kind.read(id, revealMap(inputs));
    return outputsOf(inputs, read?.found ?? {}, id);
  };

  return {
    check(request) {
      const inputs: PropertyMap = Object.fromEntries(
        Object.entries(request.news).filter(
          ([name, value]) => value !== null && !name.startsWith("__"),
        ),
      );
      const name = autoName(request);
      if (name !== undefined) inputs["name"] = name;
      return { inputs, failures: failuresOf(revealMap(inputs), properties, kind.unsupported) };
    },

    diff(request) {
      const news = revealMap(request.news);
      const outputs = revealMap(request.outputs);
      const changes = changesOf(news, outputs, properties).filter(
        ({ path }) => !request.ignoreChanges.some((prefix) => within(path, prefix)),
      );
      const replaces = changes.some((change) => change.replaces);
      return {
        changes,
        stables: kind.stables,
        deleteBeforeReplace:
          replaces &&
          (same(news["name"] ?? null, outputs["name"] ?? null) ||
            kind.inTheWay?.(news, outputs) === true),
      };
    },

    async create({ urn, news, preview }) {
      const inputs = revealMap(news);
      if (preview) return { id: "", outputs: seal(previewOf(inputs), secretPaths(news)) };
      const id = await kind.create(inputs, urn);
      return { id, outputs: await readBack(id, news) };
    },

    async read({ id, inputs, outputs }) {
      const known = revealMap(inputs);
      const read = await kind.read(id, known);
      if (read === undefined) return undefined;
      const imported = Object.keys(inputs).length === 0;
      const found = imported
        ? importedInputs(read.found, properties)
        : refreshedInputs(known, read.found, properties);
      const secrets = [...secretPaths(inputs), ...secretPaths(outputs)];
      const sealedInputs = seal(found, secrets);
      return {
        id: read.id,
        inputs: sealedInputs,
        outputs: outputsOf(sealedInputs, read.found, read.id),
      };
    },

    async update(request) {
      const inputs = revealMap(request.news);
      if (request.preview) {
        const outputs = { ...revealMap(request.outputs), ...inputs };
        return seal(outputs, [...secretPaths(request.news), ...secretPaths(request.outputs)]);
      }
      await kind.update?.(request.id, inputs);
      return readBack(request.id, request.news);
    },

    delete: ({ id, outputs }) => kind.remove(id, revealMap(outputs)),
  };

  function previewOf(inputs: PlainMap): PlainMap {
    const outputs: PlainMap = { id: UNKNOWN };
    for (const [name, property] of Object.entries(properties)) {
      const open = property.computed === true || property.readOnly === true;
      outputs[name] = inputs[name] ?? (open ? UNKNOWN : absentValue(property));
    }
    return outputs;
  }
}

function changesOf(news: PlainMap, outputs: PlainMap, properties: Properties): Change[] {
  return Object.entries(properties).flatMap(([name, property]): Change[] => {
    if (property.readOnly === true) return [];
    const [input, output] = [news[name], outputs[name]];
    if (input === undefined && property.computed === true) return [];
    if (equal(input, output, property)) return [];
    const replaces = property.inPlace !== true;
    return [{ path: [name], kind: kindOfChange(input, output, property), replaces }];
  });
}

function kindOfChange(
  input: Plain | undefined,
  output: Plain | undefined,
  property: Property,
): Change["kind"] {
  if (property.default !== undefined) return "update";
  if (input === undefined) return "delete";
  const empty = output === undefined || output === null || same(output, absentValue(property));
  return empty ? "add" : "update";
}

/** Inputs that would make what was found: all that can be an input and is not what Docker does by itself. */
function importedInputs(found: PlainMap, properties: Properties): PlainMap {
  const inputs: PlainMap = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = found[name];
    if (property.readOnly === true || value === undefined) continue;
    if (property.required !== true && equal(undefined, value, property)) continue;
    inputs[name] = value;
  }
  return inputs;
}

/** The old inputs, with what is otherwise by now. */
function refreshedInputs(inputs: PlainMap, found: PlainMap, properties: Properties): PlainMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      const [property, seen] = [properties[name], found[name]];
      const kept = property === undefined || seen === undefined || equal(input, seen, property);
      return [name, kept ? input : seen];
    }),
  );
}
