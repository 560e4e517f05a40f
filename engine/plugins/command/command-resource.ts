/** @module command:local:Command: a command on this machine, run when the resource is made, changed and removed. */

import { randomBytes } from "node:crypto";
import { within } from "../protocol/path.ts";
import { type Change, type Failure, kindOf, type Resource } from "../protocol/plugin.ts";
import { seal, secretPaths, secretTexts } from "../protocol/secrets.ts";
import {
  hasUnknown,
  isPlainMap,
  type Plain,
  type PlainMap,
  type PropertyMap,
  revealMap,
  same,
  UNKNOWN,
} from "../protocol/value.ts";
import { runShell } from "./shell.ts";

type Kind = "text" | "texts" | "textMap" | "list" | "flag" | "unsupported";

const properties: { readonly [property: string]: Kind } = {
  create: "text",
  update: "text",
  delete: "text",
  dir: "text",
  environment: "textMap",
  interpreter: "texts",
  stdin: "text",
  triggers: "list",
  logging: "text",
  addPreviousOutputInEnv: "flag",
  assetPaths: "unsupported",
  archivePaths: "unsupported",
};

/** Random hexadecimal digits after the resource's name in an id. */
const idDigits = 8;

export const commandResource: Resource = {
  check({ news }) {
    const inputs = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
    return { inputs, failures: commandFailures(revealMap(inputs)) };
  },

  diff(request) {
    const news = revealMap(request.news);
    const olds = revealMap(request.outputs);
    const changes: Change[] = Object.keys(properties)
      .filter((property) => !same(news[property] ?? null, olds[property] ?? null))
      .map((property) => ({
        path: [property],
        kind: kindOfChange(olds[property], news[property]),
        replaces: property === "triggers",
      }));
    const kept = changes.filter(
      ({ path }) => !request.ignoreChanges.some((prefix) => within(path, prefix)),
    );
    return { changes: kept, stables: [], deleteBeforeReplace: false };
  },

  async create({ urn, news, preview }) {
    const inputs = revealMap(news);
    if (preview) return { id: "", outputs: { ...news, stdout: UNKNOWN, stderr: UNKNOWN } };
    const id = `${urn.split("::").at(-1)}${randomBytes(idDigits / 2).toString("hex")}`;
    const outputs = await run(inputs["create"], inputs, {});
    return { id, outputs: outputsOf(news, outputs) };
  },

  async read({ id, inputs, outputs }) {
    // A command has nothing to look at: the state is all there is.
    return Object.keys(outputs).length === 0 ? undefined : { id, inputs, outputs };
  },

  async update({ news, outputs, preview }) {
    const inputs = revealMap(news);
    const old = revealMap(outputs);
    const command = inputs["update"] ?? inputs["create"];
    if (preview) {
      const unknown = command === undefined ? previous(old) : { stdout: UNKNOWN, stderr: UNKNOWN };
      return { ...news, ...unknown };
    }
    const result = command === undefined ? previous(old) : await run(command, inputs, old);
    return outputsOf(news, result);
  },

  async delete({ outputs }) {
    const old = revealMap(outputs);
    if (old["delete"] !== undefined) await run(old["delete"], old, old);
  },
};

/** Every input that is wrong, with its place. */
export function commandFailures(inputs: PlainMap): Failure[] {
  return Object.entries(inputs).flatMap(([property, value]): Failure[] => {
    const kind = properties[property];
    const path = [property];
    if (kind === undefined) return [{ path, reason: "is not a property of this resource" }];
    if (kind === "unsupported") {
      const reason =
        "is not supported by the kit's command plugin. Set TVK_PLUGINS=official to use the official plugin";
      return [{ path, reason }];
    }
    const wanted = mismatch(value, kind);
    return wanted === undefined
      ? []
      : [{ path, reason: `must be ${wanted}, not ${kindOf(value)}` }];
  });
}

/** Runs one of a resource's commands. A resource without it does nothing and says nothing. */
export async function run(
  command: Plain | undefined,
  inputs: PlainMap,
  old: PlainMap,
): Promise<{ stdout: string; stderr: string }> {
  if (typeof command !== "string") return { stdout: "", stderr: "" };
  const { dir, environment, interpreter, stdin, addPreviousOutputInEnv } = inputs;
  const before = addPreviousOutputInEnv === false ? {} : previousEnvironment(old);
  return runShell({
    command,
    interpreter: Array.isArray(interpreter) ? interpreter.map(String) : ["/bin/sh", "-c"],
    dir: typeof dir === "string" ? dir : undefined,
    environment: { ...before, ...texts(environment) },
    stdin: typeof stdin === "string" ? stdin : undefined,
  });
}

function outputsOf(news: PropertyMap, result: PlainMap): PropertyMap {
  const outputs: PlainMap = { ...revealMap(news), ...result };
  const secrets = secretTexts(news);
  const leaking = Object.entries(result)
    .filter(
      ([, said]) => typeof said === "string" && secrets.some((secret) => said.includes(secret)),
    )
    .map(([property]) => [property]);
  return seal(outputs, [...secretPaths(news), ...leaking]);
}

function previous(old: PlainMap): PlainMap {
  return { stdout: old["stdout"] ?? "", stderr: old["stderr"] ?? "" };
}

function previousEnvironment({ stdout, stderr }: PlainMap): { [name: string]: string } {
  return {
    ...(typeof stdout === "string" ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
    ...(typeof stderr === "string" ? { PULUMI_COMMAND_STDERR: stderr } : {}),
  };
}

function texts(map: Plain | undefined): { [name: string]: string } {
  if (!isPlainMap(map)) return {};
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)]));
}

function kindOfChange(old: Plain | undefined, value: Plain | undefined): Change["kind"] {
  if (value === undefined) return "delete";
  return old === undefined ? "add" : "update";
}

function mismatch(value: Plain, kind: Kind): string | undefined {
  if (value === UNKNOWN) return undefined;
  const isText = (item: Plain) => typeof item === "string" || hasUnknown(item);
  switch (kind) {
    case "text":
      return isText(value) ? undefined : "a string";
    case "flag":
      return typeof value === "boolean" ? undefined : "a boolean";
    case "texts":
      return Array.isArray(value) && value.every(isText) ? undefined : "a list of strings";
    case "list":
      return Array.isArray(value) ? undefined : "a list";
    default:
      return isPlainMap(value) && Object.values(value).every(isText)
        ? undefined
        : "an object of strings";
  }
}
