/** @module The Authentication API. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";

export function authenticationApp(_tenant: TenantContext): Hono {
  return new Hono();
}
