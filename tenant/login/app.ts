/** @module The login pages. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";

export function loginApp(_tenant: TenantContext): Hono {
  return new Hono();
}
