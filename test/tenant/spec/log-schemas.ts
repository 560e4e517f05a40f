/** @module Entries of the tenant's log, held to Auth0's published event schemas. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { sharedFolder } from "./shared-folder.ts";

const file = join(sharedFolder("specs"), "tenant-logs.schema.json");

interface LogDocument {
  components: { schemas: Record<string, object> };
}

/** Types whose details count what this tenant does not: rotations, and ids of credentials. */
const uncheckedTypes = new Set(["ferrt", "srrt"]);

interface Schemas {
  ajv: Ajv2020;
  types: ReadonlySet<string>;
}

let opened: Schemas | undefined;
const validators = new Map<string, ValidateFunction>();

/**
 * What is wrong with an entry by the schema of its type; nothing where the type has no schema (a
 * failed operation of the Management API, for one, is in Auth0's list of codes only).
 */
export function logProblems(entry: { type: string }): string[] {
  opened ??= open();
  const { ajv, types } = opened;
  const { type } = entry;
  if (!types.has(type) || uncheckedTypes.has(type)) return [];
  const validate =
    validators.get(type) ?? ajv.compile({ $ref: `logs#/components/schemas/${type}` });
  validators.set(type, validate);
  if (validate(entry)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `log ${type}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function open(): Schemas {
  const ajv = new Ajv2020({ strict: false, logger: false });
  if (!existsSync(file)) return { ajv, types: new Set() };
  const document: LogDocument = JSON.parse(readFileSync(file, "utf8"));
  formats.default(ajv);
  ajv.addSchema(document, "logs", undefined, false);
  return { ajv, types: new Set(Object.keys(document.components.schemas)) };
}
