/** @module The page for what can't be told to an application. */
import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

export interface ErrorPage {
  readonly headline: string;
  /** The OAuth error code. */
  readonly error: string;
  readonly message: string;
}

export function errorPage(page: ErrorPage): Markup {
  return layout(
    page.headline,
    html`<h1>${page.headline}</h1>
      <p class="problem" role="alert">${page.message}</p>
      <p class="code"><code>${page.error}</code></p>
      <p class="switch">If you run this tenant: its log says what was seen and what to change.</p>`,
  );
}
