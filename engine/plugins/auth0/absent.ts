/** @module A 404 of the tenant, taken for what it often is: an answer. */

import { TenantRefusal } from "./management-error.ts";

/** Turns a 404 into null; any other error goes on. */
export function absent(error: unknown): null {
  if (error instanceof TenantRefusal && error.status === 404) return null;
  throw error;
}
