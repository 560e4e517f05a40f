/** @module A state as `pulumi stack export` gives it and `stack import` takes it, as far as recovery reads it. */

/** One resource; what recovery does not know stays as it is. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly provider?: string;
  /** Replaced, and still to be deleted. */
  readonly delete?: boolean;
  /** Not deleted when it leaves the state. */
  readonly retainOnDelete?: boolean;
  readonly [other: string]: unknown;
}

/** What an engine was at when it was killed. */
export interface PendingOperation {
  /** `creating`, `updating`, `deleting`, `reading`, `importing`. */
  readonly type: string;
  readonly resource: StateResource;
}

/** The whole state. */
export interface ExportedState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[] | null;
    readonly pending_operations?: readonly PendingOperation[] | null;
    readonly [other: string]: unknown;
  };
}

/** The resources of a state. */
export function resourcesOf({ deployment }: ExportedState): readonly StateResource[] {
  return deployment.resources ?? [];
}

/** The operations that were under way. */
export function operationsOf({ deployment }: ExportedState): readonly PendingOperation[] {
  return deployment.pending_operations ?? [];
}

/** `urn:…::agent-client` becomes `agent-client`. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
