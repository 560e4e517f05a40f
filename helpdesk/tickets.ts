/** @module The tickets: the only SQL about them. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { transaction } from "./database.ts";
import type { NewTicket, Ticket, TicketChange, TicketQuery } from "./ticket-schemas.ts";

interface TicketPage {
  readonly tickets: readonly Ticket[];
  /** How many match the filters, on all pages together. */
  readonly total: number;
}

export interface Tickets {
  /** One page in the order of ids. `me` is whom `assignee: "me"` means. */
  list(query: TicketQuery, me: string): TicketPage;
  find(id: number): Ticket | undefined;
  create(ticket: NewTicket, reporter: string): Ticket;
  /** Changes the named fields only; nothing is returned where there is no such ticket. */
  change(id: number, change: TicketChange): Ticket | undefined;
}

/** @param now Epoch seconds, for `created_at` and `updated_at`. */
export function tickets(database: DatabaseSync, now: () => number): Tickets {
  database.function("fold", { deterministic: true }, (text) => fold(String(text)));
  const byId = database.prepare("SELECT * FROM tickets WHERE id = ?");
  const insert = database.prepare(
    `INSERT INTO tickets
       (title, description, status, priority, type, team, assignee, reporter, created_at, updated_at)
     VALUES (:title, :description, 'open', :priority, :type, :team, :assignee, :reporter, :now, :now)
     RETURNING *`,
  );
  return {
    list(query, me) {
      const { where, values } = conditions(query, me);
      const count = database.prepare(`SELECT count(*) AS total FROM tickets ${where}`);
      const page = database.prepare(`SELECT * FROM tickets ${where} ORDER BY id LIMIT ? OFFSET ?`);
      return {
        tickets: page.all(...values, query.limit, query.offset).map(toTicket),
        total: Number(count.get(...values)?.["total"]),
      };
    },
    find(id) {
      const row = byId.get(id);
      return row && toTicket(row);
    },
    create: (ticket, reporter) => toTicket(insert.get({ ...ticket, reporter, now: now() }) ?? {}),
    change(id, change) {
      const fields = Object.entries(change).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, value] as const],
      );
      const assignments = fields.map(([field]) => `${field} = ?`).join(", ");
      const update = database.prepare(
        `UPDATE tickets SET ${assignments}, updated_at = ? WHERE id = ? RETURNING *`,
      );
      const values = fields.map(([, value]) => value);
      const row = transaction(database, () => update.get(...values, now(), id));
      return row && toTicket(row);
    },
  };
}

/** Ignores case in every script, as SQLite's own lower() does for ASCII only. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function conditions(query: TicketQuery, me: string): { where: string; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...given: SQLInputValue[]) => {
    parts.push(condition);
    values.push(...given);
  };
  if (query.status !== undefined) add("status = ?", query.status);
  if (query.team !== undefined) add("team = ?", query.team);
  if (query.priority !== undefined) add("priority = ?", query.priority);
  if (query.type !== undefined) add("type = ?", query.type);
  if (query.assignee === "unassigned") add("assignee IS NULL");
  else if (query.assignee === "me") add("assignee = ?", me);
  else if (query.assignee !== undefined) add("assignee = ?", query.assignee);
  if (query.q !== undefined) add("instr(fold(title || char(10) || description), ?)", fold(query.q));
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}

function toTicket(row: Record<string, unknown>): Ticket {
  const time = (seconds: unknown) => new Date(Number(seconds) * 1000).toISOString();
  return {
    ...(row as unknown as Ticket),
    created_at: time(row["created_at"]),
    updated_at: time(row["updated_at"]),
  };
}
