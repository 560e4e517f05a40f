/** @module States that the official providers wrote, recorded beside this repository, and how they are compared. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedFolder } from "../../tenant/spec/shared-folder.ts";
import type { Deployment, StateResource } from "./engine-project.ts";

const folder = sharedFolder("reference");

/** Only the official provider's own bookkeeping may be missing in ours. */
const bookkeeping = new Set(["__meta", "__pulumi_raw_state_delta"]);
const signature = "4dabf18193072939515e22adb298388d";

/** Whether the recordings lie beside the repository, as they do where the kit is built. */
export const referencePresent = existsSync(folder);

/** The title of a test that needs them: where they are absent, it says that nothing was compared. */
export function needsReference(title: string): string {
  return referencePresent ? title : `${title}: NOT RUN, ../shared/reference is absent`;
}

/** @throws The recordings are not there: they lie beside the repository, and the error says so. */
export function referenceState(file: string): Deployment {
  const path = join(folder, file);
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: the recordings of the official providers are not part of the repository`,
    );
  }
  return JSON.parse(readFileSync(path, "utf8")).deployment;
}

/** The resource of that name, the last part of its URN. */
export function named(deployment: Deployment, name: string): StateResource {
  const found = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`the state has no resource "${name}"`);
  return found;
}

/**
 * Every place at which two states differ: `resource:part.path: REFERENCE, not OURS`.
 *
 * @param sameText Puts the names of the reference in place of those that another tenant chose.
 */
export function stateDifferences(
  reference: Deployment,
  ours: Deployment,
  sameText: (text: string) => string,
): string[] {
  return reference.resources
    .filter(({ type }) => !type.startsWith("pulumi:"))
    .flatMap((wanted) => {
      const name = wanted.urn.split("::").at(-1) ?? "";
      const got = named(ours, name);
      return (["id", "inputs", "outputs", "additionalSecretOutputs"] as const).flatMap((part) =>
        differences(wanted[part], got[part], `${name}:${part}`, sameText),
      );
    });
}

function differences(
  wanted: unknown,
  got: unknown,
  path: string,
  sameText: (text: string) => string,
): string[] {
  if (isObject(wanted) && isObject(got)) {
    if (signature in wanted && signature in got) {
      const [left, right] = [wanted, got].map((secret) => JSON.parse(String(secret["plaintext"])));
      return differences(left, right, `${path} (secret)`, sameText);
    }
    return [...new Set([...Object.keys(wanted), ...Object.keys(got)])]
      .filter((key) => !bookkeeping.has(key))
      .flatMap((key) => {
        if (!(key in got)) return [`${path}.${key}: ${text(wanted[key])}, not there`];
        if (!(key in wanted)) return [`${path}.${key}: not there, not ${text(got[key])}`];
        return differences(wanted[key], got[key], `${path}.${key}`, sameText);
      });
  }
  return text(wanted) === sameText(text(got)) ? [] : [`${path}: ${text(wanted)}, not ${text(got)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
