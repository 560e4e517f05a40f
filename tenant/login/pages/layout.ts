/** @module The frame of every page of the tenant, and how a page is answered. */
import type { Context } from "hono";
import { html } from "hono/html";

/** Escaped markup. */
export type Markup = ReturnType<typeof html>;

export interface PageOptions {
  /** Default 200. */
  readonly status?: 200 | 400 | 403 | 404 | 500;
  /** Where the page's forms lead in the end, besides this tenant: browsers check redirects after a form too. */
  readonly formActions?: readonly string[];
  /** The page loads a script file of this tenant; default false. */
  readonly scripted?: boolean;
}

/** One card in the middle; works without scripts, from 320 pixels on, in light and dark. */
export function layout(title: string, content: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${title}</title>
    <link rel="stylesheet" href="/u/style.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <main class="card">${content}</main>
    <footer>Local tenant for development, not Auth0</footer>
  </body>
</html>`;
}

/** No inline script, styles from this tenant only, never framed, nothing kept by a cache. */
export async function answerPage(
  context: Context,
  page: Markup,
  { status = 200, formActions = [], scripted = false }: PageOptions = {},
): Promise<Response> {
  const actions = new Set(["'self'", "https:", "http:", ...formActions.map(schemeOf)]);
  context.header(
    "Content-Security-Policy",
    "default-src 'none'; style-src 'self'; img-src 'self' https: data:; base-uri 'none'; " +
      `${scripted ? "script-src 'self'; " : ""}frame-ancestors 'none'; form-action ${[...actions].join(" ")}`,
  );
  context.header("X-Frame-Options", "DENY");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Referrer-Policy", "no-referrer");
  context.header("Cache-Control", "no-store");
  return context.html(page, status);
}

/** Native apps have callbacks of their own scheme. */
function schemeOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).protocol : "'self'";
}
