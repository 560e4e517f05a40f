/** @module The Management API v2. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";

export function managementApp(_tenant: TenantContext): Hono {
  return new Hono();
}
