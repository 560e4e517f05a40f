/** @module The pages with one thing to do: come in, reset, and what is not there. */
import { html } from "hono/html";
import type { Markup } from "../../login/pages/layout.ts";
import type { OwnerSession } from "../owner-session.ts";
import { formToken } from "./frame.ts";

/** Where nobody is signed in. */
export function enterPage(problem?: string): Markup {
  return html`<h1>The dashboard is its owner's</h1>
    ${problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`}
    <p class="lead">Open it with a link that is good once, from the project's folder:</p>
    <div class="card"><code>tvk tenant open</code>
      <p class="hint">In a program: <code>await tenant.dashboardLink()</code> of <code>startTenant()</code>.</p></div>`;
}

export function resetPage(session: OwnerSession, problem?: string): Markup {
  return html`<h1>Reset</h1>
    <p class="lead">Back to a new tenant.</p>
    <form class="card" method="post" action="/dashboard/reset">${formToken(session)}
      <h2>What goes</h2>
      <p>Every user, session, connected account and token; every connection, application, API and grant; every setting and the log.</p>
      <h2>What stays</h2>
      <p>The address, the certificate, the signing key, and the Management application with its secret.</p>
      <p class="quiet">Stacks that stand on this tenant find their parts gone: their next <code>tvk up</code> makes them again.</p>
      <div class="field"><label for="confirm">Type <code>reset</code> to go on</label>
        <input id="confirm" name="confirm" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required
          ${problem === undefined ? "" : html`aria-invalid="true" aria-describedby="confirm-problem" autofocus`}>
        ${problem === undefined ? "" : html`<p class="problem" role="alert" id="confirm-problem">${problem}</p>`}</div>
      <button class="danger" type="submit">Reset the tenant</button>
    </form>`;
}

export function missingPage(): Markup {
  return html`<h1>Nothing is here</h1><p class="lead">It may have been deleted. <a href="/dashboard/connections">Go to the social connections</a></p>`;
}
