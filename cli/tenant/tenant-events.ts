/** @module The local tenant's own log: who signed in, what was exchanged, and why something was refused. */
import { z } from "zod";
import type { ManagementClient } from "./local-tenant.ts";
import { trustAuthority } from "./trusted-authority.ts";

const eventSchema = z.object({
  date: z.string(),
  type: z.string(),
  description: z.string().optional(),
  client_name: z.string().optional(),
  user_name: z.string().optional(),
  connection: z.string().optional(),
});

/** One entry, as the Management API lists it. */
export type TenantEvent = z.infer<typeof eventSchema>;

/** Most entries that one request gives (Management API description, GET /logs). */
const pageSize = 100;

/**
 * Reads the newest entries, oldest of them first. Two requests to the tenant.
 *
 * @throws {Error} The tenant does not answer, or refuses its own Management application.
 */
export async function tenantEvents(
  client: ManagementClient,
  caFile: string,
): Promise<TenantEvent[]> {
  trustAuthority(caFile);
  const origin = `https://${client.domain}`;
  const granted = await answered(`${origin}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      audience: `${origin}/api/v2/`,
    }),
  });
  const { access_token: token } = z.object({ access_token: z.string() }).parse(granted);
  const entries = await answered(`${origin}/api/v2/logs?per_page=${pageSize}&sort=date:-1`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return z.array(eventSchema).parse(entries).reverse();
}

/** One line for a person. */
export function eventLine(event: TenantEvent): string {
  const who = [event.user_name, event.connection, event.client_name].filter(Boolean).join(", ");
  const text = event.description ?? "";
  return `${event.date}  ${event.type.padEnd(8)}  ${text}${who === "" ? "" : `  (${who})`}`;
}

async function answered(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  if (response.ok) return response.json();
  throw new Error(`${new URL(url).pathname} of the local tenant answered ${response.status}`);
}
