/** @module What an endpoint of the Management API is: one entry of a routing table. */
import type { z } from "zod";
import type { Payload } from "../signing-keys.ts";

/** A request that passed authentication, scope check and schemas. */
export interface ManagementRequest<Body = unknown, Query = unknown> {
  /** Decoded path parameters. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  scopes: ReadonlySet<string>;
  claims: Payload;
}

/** No `body`: an empty answer. */
export interface ManagementAnswer {
  status: 200 | 201 | 202 | 204;
  body?: unknown;
}

export interface Endpoint<Body = unknown, Query = unknown> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v2, with `{id}` parameters, as the OpenAPI document writes it. */
  path: string;
  /** Any one of them is enough. */
  scopes: readonly string[];
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** Fields of the body that are kept but have no effect here; counted when set to something. */
  inert?: readonly string[];
  /** What Auth0's log calls the operation; absent: it is not logged. */
  logged?: string;
  answer(request: ManagementRequest<Body, Query>): ManagementAnswer | Promise<ManagementAnswer>;
}

/** An endpoint whose body and query types come from its own schemas. */
export function endpoint<Body = undefined, Query = undefined>(
  definition: Endpoint<Body, Query>,
): Endpoint {
  // The schemas named here are the ones that check what `answer` is given.
  return definition as unknown as Endpoint;
}
