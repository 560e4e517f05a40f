/** @module The My Account API. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";

export function myAccountApp(_tenant: TenantContext): Hono {
  return new Hono();
}
