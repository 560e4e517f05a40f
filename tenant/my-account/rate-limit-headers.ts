/** @module The x-ratelimit headers that every answer of the My Account API has. */
import type { MiddlewareHandler } from "hono";
import type { TenantContext } from "../context.ts";

/** Requests a second that the headers announce; this tenant counts none (inferred: Auth0's number is not published). */
const limit = 25;

export function rateLimitHeaders(tenant: TenantContext): MiddlewareHandler {
  return async (context, next) => {
    context.header("x-ratelimit-limit", String(limit));
    context.header("x-ratelimit-remaining", String(limit - 1));
    context.header("x-ratelimit-reset", String(tenant.now() + 1));
    await next();
  };
}
