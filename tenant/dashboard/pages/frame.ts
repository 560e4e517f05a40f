/** @module The frame of every page of the dashboard, and how a page is answered. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { Markup } from "../../login/pages/layout.ts";
import type { OwnerSession } from "../owner-session.ts";

export interface Frame {
  readonly title: string;
  /** Which entry of the navigation the page belongs to. */
  readonly section?: Section;
  /** `localhost:PORT`. */
  readonly domain: string;
  /** Absent where nobody is signed in: no navigation then. */
  readonly session?: OwnerSession;
  /** What the last change came to. */
  readonly done?: string | undefined;
}

export type Section = "connections" | "users" | "logs" | "reset";

const sections: readonly {
  readonly id: Section;
  readonly path: string;
  readonly label: string | Markup;
}[] = [
  {
    id: "connections",
    path: "/dashboard/connections",
    label: html`<span class="wide">Authentication → </span>Social`,
  },
  { id: "users", path: "/dashboard/users", label: "Users" },
  { id: "logs", path: "/dashboard/logs", label: "Logs" },
  { id: "reset", path: "/dashboard/reset", label: "Reset" },
];

/** Works without scripts, from 320 pixels on, in light and dark. */
export function frame(about: Frame, content: Markup): Markup {
  const { session, done } = about;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${about.title} · ${about.domain}</title>
    <link rel="stylesheet" href="/dashboard/style.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <a class="skip" href="#content">Skip to content</a>
    <header>
      <div class="bar">
        <p class="brand"><span class="mark" aria-hidden="true"></span>Local tenant <code>${about.domain}</code></p>
        ${
          session === undefined
            ? ""
            : html`<form method="post" action="/dashboard/sign-out">${formToken(session)}
                <button class="plain" type="submit">Sign out</button></form>`
        }
      </div>
      ${session === undefined ? "" : navigation(about.section)}
    </header>
    <main id="content" tabindex="-1">
      ${done === undefined ? "" : html`<p class="done" role="status">${done}</p>`}
      ${content}
    </main>
    <footer>A local tenant for development, not Auth0</footer>
  </body>
</html>`;
}

function navigation(current: Section | undefined): Markup {
  return html`<nav aria-label="Dashboard"><ul>${sections.map(
    ({ id, path, label }) =>
      html`<li><a href="${path}" ${id === current ? html`aria-current="page"` : ""}>${label}</a></li>`,
  )}</ul></nav>`;
}

/** Every form of the dashboard has it: a page of somebody else's can't know it. */
export function formToken(session: OwnerSession): Markup {
  return html`<input type="hidden" name="form_token" value="${session.formToken}">`;
}

/** A button of its own form that turns one thing on or off. */
export function switchButton(
  session: OwnerSession,
  about: { action: string; name: string; on: boolean; label: string; describedBy?: string },
): Markup {
  const { action, name, on, label, describedBy } = about;
  return html`<form class="switch" method="post" action="${action}">${formToken(session)}
    <button type="submit" role="switch" aria-checked="${on ? "true" : "false"}" aria-label="${label}"
      ${describedBy === undefined ? "" : html`aria-describedby="${describedBy}"`}
      name="${name}" value="${on ? "off" : "on"}"><span aria-hidden="true"></span></button></form>`;
}

/** No inline script or style, nothing from elsewhere but a connection's icon, never framed, never cached. */
export function answerFrame(
  context: Context,
  page: Markup,
  options: { status?: 200 | 400 | 403 | 404 | 413; scripted?: boolean } = {},
): Response | Promise<Response> {
  const scripts = options.scripted === true ? "script-src 'self'; connect-src 'self'; " : "";
  context.header(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'self'; img-src 'self' https: data:; ${scripts}` +
      "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  );
  context.header("X-Frame-Options", "DENY");
  context.header("X-Content-Type-Options", "nosniff");
  // Not no-referrer: a browser would send its forms with `Origin: null`, which is checked.
  context.header("Referrer-Policy", "same-origin");
  context.header("Cross-Origin-Opener-Policy", "same-origin");
  context.header("Cache-Control", "no-store");
  return context.html(page, options.status ?? 200);
}
