/** @module What makes one resource type differ from another: the table that {@link tableResource} works by. */

import type { Change, Failure } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";
import type { Fields } from "./field.ts";
import type { Management } from "./management.ts";

export interface ResourceTable {
  /** Pulumi's type token. */
  readonly type: string;
  /** The properties; those of a connection depend on its strategy. */
  fields(properties: PlainMap): Fields;
  /** Path of the collection below `/api/v2`. */
  readonly path: string;
  /** The id's name in an answer. */
  readonly idKey: string;
  /** The property to which the tenant lets no two objects have one value, if there is one. */
  readonly unique?: string;
  /** Whether a missing `name` is made up from the resource's name. */
  readonly autoNamed?: boolean;
  readonly defaults?: PlainMap;
  /** Outputs that no update changes. */
  readonly stables: readonly string[];
  /** Rules between properties, beyond what a single row can say. */
  check?(inputs: PlainMap): Failure[];
  /** Changes that the tenant would not make. */
  ignores?(change: Change, outputs: PlainMap): boolean;
  /** Added to the body of a create. */
  createBody?(inputs: PlainMap): PlainMap;
  /** Replaces the body of an update. `body` holds all inputs and an empty value for what was removed. */
  updateBody?(body: PlainMap, update: UpdateContext): PlainMap | Promise<PlainMap>;
  /** Makes the object, or adopts one that exists. Returns the tenant's answer. */
  create(context: CreateContext): Promise<PlainMap>;
  /** Removes the object, by default with one DELETE. A 404 is a success. */
  remove?(management: Management, id: string): Promise<void>;
  /** Whether an object may be deleted; by default it is. */
  deletable?(outputs: PlainMap): boolean;
}

export interface UpdateContext {
  readonly inputs: PlainMap;
  readonly outputs: PlainMap;
  readonly changes: readonly Change[];
  /** The object as the tenant has it now: one GET. */
  there(): Promise<PlainMap>;
}

export interface CreateContext {
  readonly management: Management;
  readonly inputs: PlainMap;
  /** The body of the POST. */
  readonly body: PlainMap;
  /** Makes an object that exists hold what is wanted: one PATCH, none where it already does. */
  adopt(existing: PlainMap): Promise<PlainMap>;
  /** Ids of this resource that the state already knows: never to be adopted. */
  readonly known: ReadonlySet<string>;
  /** False where the state has the resource under an id that this process was not told: no look-up by mark then. */
  readonly mayAdopt: boolean;
}
