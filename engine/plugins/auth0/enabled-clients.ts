/** @module Which clients may use a connection: read and changed page by page. */

import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { absent } from "./absent.ts";
import type { Management } from "./management.ts";
import { notedConnection } from "./seen-connections.ts";

/** Auth0's limit for one PATCH. */
const perRequest = 50;

/** Ids of the clients that are enabled on a connection; undefined where there is no such connection. */
export async function enabledClients(
  management: Management,
  connectionId: string,
): Promise<string[] | undefined> {
  const ids: string[] = [];
  const path = `${connectionPath(connectionId)}/clients`;
  let query = "";
  for (;;) {
    const answer = await management.request("GET", `${path}${query}`).catch(absent);
    if (!isPlainMap(answer)) return undefined;
    const { clients, next } = answer;
    for (const client of Array.isArray(clients) ? clients : []) {
      if (isPlainMap(client)) ids.push(String(client["client_id"]));
    }
    if (typeof next !== "string" || next === "") return ids;
    query = `?from=${encodeURIComponent(next)}`;
  }
}

/** Enables and disables clients on a connection. Sends nothing where there is nothing to change. */
export async function changeClients(
  management: Management,
  connectionId: string,
  { enable = [], disable = [] }: { enable?: readonly string[]; disable?: readonly string[] },
): Promise<void> {
  const changes = [
    ...enable.map((id) => ({ client_id: id, status: true })),
    ...disable.map((id) => ({ client_id: id, status: false })),
  ];
  for (let at = 0; at < changes.length; at += perRequest) {
    const path = `${connectionPath(connectionId)}/clients`;
    await management.request("PATCH", path, changes.slice(at, at + perRequest));
  }
}

/**
 * Disables clients, whatever of them is already gone: a client that no longer exists makes the tenant refuse
 * the whole request.
 */
export async function disableClients(
  management: Management,
  connectionId: string,
  clientIds: readonly string[],
): Promise<void> {
  const sent = await changeClients(management, connectionId, { disable: clientIds }).then(
    () => true,
    (error: unknown) => absent(error) ?? false,
  );
  if (sent) return;
  const there = (await enabledClients(management, connectionId)) ?? [];
  const disable = clientIds.filter((id) => there.includes(id));
  await changeClients(management, connectionId, { disable });
}

/**
 * Name and strategy of a connection, which the official provider keeps beside its clients. Asks only where
 * this deployment has neither made the connection nor looked it up.
 */
export async function nameAndStrategy(
  management: Management,
  connectionId: string,
): Promise<PlainMap> {
  const noted = notedConnection(management, connectionId);
  if (noted !== undefined) return noted;
  const query = "fields=strategy%2Cname&include_fields=true";
  const answer = await management.request("GET", `${connectionPath(connectionId)}?${query}`);
  const { name = "", strategy = "" } = isPlainMap(answer) ? answer : {};
  return { name, strategy };
}

function connectionPath(connectionId: string): string {
  return `/connections/${encodeURIComponent(connectionId)}`;
}
