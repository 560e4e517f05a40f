/** @module Auth0's published API descriptions, where a checkout of the reference data has them. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { sharedFolder } from "./shared-folder.ts";

/** The descriptions that answers are held to. */
export type SpecName = "management" | "authentication" | "my-account";

/** An OpenAPI document, as far as it is read here. */
export interface SpecDocument {
  paths: Record<string, Record<string, SpecOperation>>;
  components: Record<string, Record<string, unknown>>;
}

export interface SpecOperation {
  security?: Record<string, string[]>[];
  requestBody?: { content?: Record<string, { schema?: object }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema?: object }> }>;
}

const folder = sharedFolder("specs");

const files: Readonly<Record<SpecName, string>> = {
  management: "management-api.openapi.yml",
  authentication: "authentication-api.openapi.json",
  "my-account": "my-account-api.openapi.json",
};

/** Whether the descriptions are there. Without them nothing is validated, and tests say so. */
export const specsPresent = Object.values(files).every((file) => existsSync(join(folder, file)));

const documents = new Map<SpecName, SpecDocument>();

/** Parsed once a process; YAML once a version of the file, as it takes seconds. */
export function specDocument(name: SpecName): SpecDocument {
  const known = documents.get(name);
  if (known) return known;
  const path = join(folder, files[name]);
  const document = path.endsWith(".yml")
    ? parsedYaml(path)
    : JSON.parse(readFileSync(path, "utf8"));
  loosenOneOf(document);
  documents.set(name, document);
  return document;
}

/**
 * Reads oneOf as anyOf: the envelopes of lists require no key, so that one without totals is
 * described by two of the three forms, and exactly one would never hold.
 */
function loosenOneOf(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  if (Array.isArray(object["oneOf"]) && object["anyOf"] === undefined) {
    object["anyOf"] = object["oneOf"];
    delete object["oneOf"];
  }
  for (const child of Object.values(object)) loosenOneOf(child);
}

function parsedYaml(path: string): SpecDocument {
  const { mtimeMs, size } = statSync(path);
  const cache = join(tmpdir(), `tvk-spec-cache-${process.getuid?.() ?? 0}`);
  const cached = join(cache, `${Math.floor(mtimeMs)}-${size}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, "utf8"));
  const document = parse(readFileSync(path, "utf8"), { maxAliasCount: -1 });
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  writeFileSync(`${cached}.${process.pid}.tmp`, JSON.stringify(document));
  renameSync(`${cached}.${process.pid}.tmp`, cached);
  return document;
}
