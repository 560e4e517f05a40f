/** @module The tenant's log: events become entries of GET /logs. */
import { randomInt } from "node:crypto";
import { latestLogEntries, writeLogEntries } from "./log-entries.ts";
import type { LogRow } from "./models/log-entry.ts";
import type { UserRow } from "./models/user.ts";
import type { Store } from "./store.ts";

/** What happened; secrets, tokens and codes never belong in it. */
export interface TenantLogEvent {
  /** Auth0's event code, for example `s`, `fp`, `seacft`. */
  type: string;
  description: string;
  client_id?: string;
  /** Default: the client's own. */
  client_name?: string;
  user_id?: string;
  /** The connection's name. */
  connection?: string;
  audience?: string;
  scope?: string;
  ip?: string;
  user_agent?: string;
  details?: Record<string, unknown>;
}

/** The log's two ends. */
export interface TenantLog {
  /** Notes an event; it is written within `flushMs`, with others, so that no request waits for the disk. */
  log(event: TenantLogEvent): void;
  /** Writes what waits. Readers of the log call it first. */
  flush(): void;
}

/** How long an event may wait for others, in milliseconds. */
const flushMs = 100;

export function tenantLog(
  store: Store,
  settings: { domain: string; tenantId: string; now: () => number },
): TenantLog {
  const waiting: LogRow[] = [];
  // One user's events come in bursts; a name is at most as old as the oldest event that waits.
  const users = new Map<string, UserRow | undefined>();
  const userOf = (id: string) => {
    if (!users.has(id)) users.set(id, store.users.get(id));
    return users.get(id);
  };
  const newId = logIds(() => latestLogEntries(store, 1)[0]?.log_id);
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    users.clear();
    if (waiting.length === 0) return;
    writeLogEntries(store, waiting.splice(0), settings.now());
  };
  return {
    flush,
    log(event) {
      waiting.push(entry(store, { userOf, newId }, event, settings));
      timer ??= setTimeout(flush, flushMs).unref();
    },
  };
}

/** What an id begins with, and how many digits of its moment and of its number follow. */
const idForm = /^900(\d{17})(\d{19})$/;

/**
 * Ids that sort as the events came: readers go on after the last one that they have. So an id's moment never goes
 * back, though the clock may, which then numbers the events of the latest moment.
 *
 * @param readLast The last id of an earlier process; read with the first event.
 */
function logIds(readLast: () => string | undefined): (date: string) => string {
  let moment: string | undefined;
  let number = randomInt(1_000_000);
  return (date) => {
    if (moment === undefined) {
      const [, lastMoment = "", lastNumber = "0"] = idForm.exec(readLast() ?? "") ?? [];
      moment = lastMoment;
      number = Math.max(number, Number(lastNumber));
    }
    const digits = date.replace(/\D/g, "");
    if (digits > moment) moment = digits;
    number += 1;
    return `900${moment}${String(number).padStart(19, "0")}`;
  };
}

function entry(
  store: Store,
  { userOf, newId }: { userOf: (id: string) => UserRow | undefined; newId(date: string): string },
  event: TenantLogEvent,
  settings: { domain: string; tenantId: string; now: () => number },
): LogRow {
  const date = new Date(Math.max(Date.now(), settings.now() * 1000)).toISOString();
  const logId = newId(date);
  const user = event.user_id === undefined ? undefined : userOf(event.user_id);
  const connection =
    event.connection === undefined
      ? undefined
      : store.connections.find("name", event.connection)[0];
  const userName = user?.email ?? user?.name;
  const strategy = connection?.strategy ?? "";
  return {
    ...event,
    client_name: event.client_name ?? clientName(store, event.client_id),
    ...(userName === undefined ? {} : { user_name: userName }),
    ...(connection ? { connection_id: connection.id } : {}),
    strategy,
    strategy_type: strategyTypes[strategy] ?? (strategy && "social"),
    // An exchange always names an audience, if only an empty one.
    ...(/^[sf]e\w*ft$/.test(event.type) ? { audience: event.audience ?? "" } : {}),
    details: details(event),
    date,
    hostname: settings.domain,
    tenant_name: settings.tenantId,
    environment_name: "local",
    ip: event.ip ?? "127.0.0.1",
    log_id: logId,
    _id: logId,
  };
}

function clientName(store: Store, id: string | undefined): string {
  return id === undefined ? "" : (store.clients.get(id)?.name ?? "");
}

const strategyTypes: Readonly<Record<string, string>> = {
  auth0: "database",
  email: "passwordless",
  sms: "passwordless",
};

/**
 * What Auth0's event schemas want besides what the event says. Bodies stay empty: they may hold a
 * password.
 */
const requiredDetails: Readonly<Record<string, Record<string, unknown>>> = {
  sapi: { request: {}, response: {} },
  seccft: { actions: { executions: [] } },
  ss: { body: {} },
  scpr: { body: {} },
};

/** Failed logins, whose `error` has a message and an OAuth error. */
const failedLogins = new Set(["f", "fp"]);

function details(event: TenantLogEvent): Record<string, unknown> {
  const given = event.details?.["error"];
  const error = typeof given === "object" && given !== null ? given : {};
  const oauthError = "type" in error ? String(error.type) : "";
  return {
    ...requiredDetails[event.type],
    ...event.details,
    ...(failedLogins.has(event.type)
      ? { error: { message: event.description, oauthError, ...error } }
      : {}),
  };
}
