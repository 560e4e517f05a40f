/** @module What a provider plugin is to the protocol: its configuration, resources and functions. */

import type { Path } from "./path.ts";
import { type Plain, type PlainMap, type PropertyMap, UNKNOWN } from "./value.ts";

export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** Checks the provider's own configuration; `inputs` is what the state keeps of it. */
  checkConfig(news: PropertyMap): Checked;
  /** Takes the checked configuration into use. Sends nothing. */
  configure(config: PlainMap): void;
  /** The resource of a type token, undefined for a type that the plugin does not have. */
  resource(type: string): Resource | undefined;
  /** The function of a token, undefined for one that the plugin does not have. */
  invocation(token: string): Invocation | undefined;
  /** The deployment is being cancelled: a request under way finishes, nothing is tried again. */
  cancel(): void;
}

/** A function of a plugin that a program calls. */
export type Invocation = (args: PlainMap) => Promise<PropertyMap>;

/** One resource type. */
export interface Resource {
  check(request: CheckRequest): Checked;
  diff(request: DiffRequest): Difference;
  create(request: CreateRequest): Promise<Created>;
  /** Undefined: the object is gone. */
  read(request: ReadRequest): Promise<Found | undefined>;
  update(request: UpdateRequest): Promise<PropertyMap>;
  /** Deleting what is already gone is a success. */
  delete(request: DeleteRequest): Promise<void>;
}

export interface CheckRequest {
  readonly urn: string;
  /** The inputs that the state holds; empty for a resource that it does not have. */
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  /** Differs on each run. */
  readonly seed: Uint8Array;
  /** What the stack's `pulumi:autonaming` asks for, if anything. */
  readonly autonaming:
    | { readonly mode: "propose" | "enforce" | "disable"; readonly name: string }
    | undefined;
}

export interface Checked {
  readonly inputs: PropertyMap;
  readonly failures: readonly Failure[];
}

/** One input that cannot be accepted. `reason` never holds what came. */
export interface Failure {
  readonly path: Path;
  readonly reason: string;
  /** What came; said after the reason, unless it came as a secret. */
  readonly seen?: string;
}

export interface DiffRequest {
  readonly id: string;
  readonly urn: string;
  readonly outputs: PropertyMap;
  readonly oldInputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly Path[];
}

export interface Change {
  readonly path: Path;
  readonly kind: "add" | "update" | "delete";
  readonly replaces: boolean;
  /** True where the old value is to be found in the old inputs, not in the outputs. */
  readonly inputOnly?: boolean;
}

export interface Difference {
  readonly changes: readonly Change[];
  /** Outputs that an update does not touch. */
  readonly stables: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export interface CreateRequest {
  readonly urn: string;
  readonly news: PropertyMap;
  readonly preview: boolean;
}

export interface Created {
  /** Empty in a preview. */
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadRequest {
  readonly id: string;
  readonly urn: string;
  /** Both are empty when the object is imported. */
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface Found {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

export interface UpdateRequest extends DiffRequest {
  readonly preview: boolean;
}

export interface DeleteRequest {
  readonly id: string;
  readonly urn: string;
  readonly outputs: PropertyMap;
  readonly oldInputs: PropertyMap;
}

/** A refusal that a person reads: what was seen and where, then the next step. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(hint === undefined ? message : `${message}. ${hint}`, options);
    this.hint = hint;
  }
}

/** Text of a plain value for a message: its kind only, never its content. */
export function kindOf(value: Plain): string {
  if (value === null) return "null";
  if (value === UNKNOWN) return "unknown";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
