/** @module What every grant of the token endpoint is given and gives. */
import type { TenantContext } from "../../context.ts";
import type { ClientRow } from "../../models/client.ts";
import type { TenantLogEvent } from "../../tenant-log.ts";
import type { Params } from "../body-params.ts";

/** A token request whose client has proven itself and may use the grant. */
export interface GrantRequest {
  readonly tenant: TenantContext;
  readonly client: ClientRow;
  readonly params: Params;
}

/** The answer in wire form, and what the log says about it. */
export interface GrantAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  readonly log: Omit<TenantLogEvent, "type" | "description"> & { description?: string };
}

/** One grant type. */
export interface Grant {
  readonly run: (request: GrantRequest) => Promise<GrantAnswer>;
  /** Log event codes. */
  readonly success: string;
  readonly failure: string;
  /** What the log calls a success. */
  readonly name: string;
}
