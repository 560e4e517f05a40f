/** @module The live log: what happened, why something was refused, and which fields have no effect here. */
import { html } from "hono/html";
import type { DroppedField } from "../../dropped-fields.ts";
import type { Markup } from "../../login/pages/layout.ts";
import type { LogRow } from "../../models/log-entry.ts";
import { refusalReason } from "../refusal-reason.ts";

/** Most entries that the page shows. */
export const shownEvents = 200;

export interface LogsPage {
  readonly rows: readonly LogRow[];
  readonly dropped: readonly DroppedField[];
  readonly refusedOnly: boolean;
}

export function logsPage({ rows, dropped, refusedOnly }: LogsPage): Markup {
  const live = `/dashboard/logs/live?show=${refusedOnly ? "refused" : "all"}`;
  return html`<div class="head"><div><h1>Logs</h1>
      <p class="lead">The newest ${shownEvents} events, newest first. Open one to see its details.</p></div>
      <p class="live" data-state="off" id="live">Not live: reload to see more</p></div>
    <form class="search" method="get" action="/dashboard/logs">
      <div><label for="show">Show</label><select id="show" name="show">
        <option value="all">All events</option>
        <option value="refused" ${refusedOnly ? "selected" : ""}>Only what was refused</option></select></div>
      <button type="submit">Show</button>
    </form>
    <div id="dropped">${droppedFields(dropped)}</div>
    <ol class="rows" id="events" aria-label="Events" data-live="${live}" data-newest="${rows[0]?.log_id ?? ""}">${rows.map(event)}</ol>
    ${rows.length === 0 ? html`<p class="card empty" id="no-events">Nothing ${refusedOnly ? "was refused" : "happened"} yet.</p>` : ""}
    <script src="/dashboard/live.js" defer></script>`;
}

/** What the page's script asks for: the events after one, and the counter as it is now. */
export function liveFragment(rows: readonly LogRow[], dropped: readonly DroppedField[]): Markup {
  return html`<ol>${rows.map(event)}</ol><div>${droppedFields(dropped)}</div>`;
}

function droppedFields(dropped: readonly DroppedField[]): Markup {
  if (dropped.length === 0) {
    return html`<p class="quiet">Since the start, every field that was sent has had its effect.</p>`;
  }
  const total = dropped.reduce((sum, { count }) => sum + count, 0);
  return html`<section class="card" aria-labelledby="dropped-title">
      <h2 id="dropped-title">Fields without effect here: ${total}</h2>
      <p class="hint">Kept and answered as Auth0 does, but this tenant does not act on them.</p>
      <ul>${dropped.map(
        ({ endpoint, field, count }) =>
          html`<li><code>${field}</code> of <code>${endpoint}</code>, ${count} ${count === 1 ? "time" : "times"}</li>`,
      )}</ul></section>`;
}

function event(row: LogRow): Markup {
  const why = refusalReason(row);
  const who = [row["user_name"] ?? row.user_id, row.connection, row.client_name];
  return html`<li class="event" data-id="${row.log_id}"><details><summary>
      <time datetime="${row.date}">${row.date.slice(11, 19)}</time>
      <span class="what">${row.description}</span>
      <span class="tag ${why === undefined ? "" : "off"}">${why === undefined ? row.type : html`Refused · ${row.type}`}</span>
      <span class="who">${who.filter(Boolean).join(" · ")}</span></summary>
    <div class="more">
      ${
        why === undefined
          ? ""
          : html`<div class="why"><h3>Why was this refused?</h3><p>${why.seen}</p>
              ${why.error === undefined && why.status === undefined ? "" : html`<p>Answered: <code>${[why.status, why.error].filter(Boolean).join(" ")}</code></p>`}
              ${why.next === undefined ? "" : html`<p><strong>Next:</strong> ${why.next}</p>`}</div>`
      }
      <pre>${JSON.stringify(row, null, 2)}</pre></div></details></li>`;
}
