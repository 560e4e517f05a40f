/** @module The log of the dashboard: the page, and what its script asks for each second. */
import type { Context } from "hono";
import { latestLogEntries } from "../log-entries.ts";
import type { LogRow } from "../models/log-entry.ts";
import { liveFragment, logsPage, shownEvents } from "./pages/logs-page.ts";
import { refusalReason } from "./refusal-reason.ts";
import type { OwnerHandler, Views } from "./views.ts";

/** How many entries are looked through for refusals. */
const readEvents = 2_000;

export function logViews(views: Views): {
  show: OwnerHandler;
  live(context: Context): Response | Promise<Response>;
} {
  const { tenant } = views;
  const newest = (refusedOnly: boolean): LogRow[] => {
    tenant.flushLog();
    if (!refusedOnly) return latestLogEntries(tenant.store, shownEvents);
    const rows = latestLogEntries(tenant.store, readEvents).filter((row) => refusalReason(row));
    return rows.slice(0, shownEvents);
  };
  const isRefusedOnly = (context: Context) => context.req.query("show") === "refused";
  return {
    show(context, session) {
      const refusedOnly = isRefusedOnly(context);
      const rows = newest(refusedOnly);
      const content = logsPage({ rows, refusedOnly, dropped: tenant.droppedFields.list() });
      const about = { title: "Logs", section: "logs", session } as const;
      return views.page(context, about, content, { scripted: true });
    },
    live(context) {
      const after = context.req.query("after") ?? "";
      const rows = newest(isRefusedOnly(context)).filter(({ log_id: id }) => id > after);
      context.header("Cache-Control", "no-store");
      return context.html(liveFragment(rows, tenant.droppedFields.list()));
    },
  };
}
