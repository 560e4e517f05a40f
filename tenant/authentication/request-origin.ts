/** @module Where a request came from, for the log. */
import type { Context } from "hono";

/** The tenant listens on loopback only, so the address says nothing more. */
export function requestOrigin(context: Context): { ip: string; user_agent?: string } {
  const userAgent = context.req.header("user-agent");
  return { ip: "127.0.0.1", ...(userAgent === undefined ? {} : { user_agent: userAgent }) };
}
