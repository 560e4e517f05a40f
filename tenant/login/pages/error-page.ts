/** @module The page for what can't be told to an application. */
import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

export interface ErrorPage {
  readonly headline: string;
  /** The OAuth error code. */
  readonly error: string;
  readonly message: string;
}

/** What whoever runs the application can do about it, by error code. */
const hints: Readonly<Record<string, string>> = {
  unauthorized_client:
    "If you run the application: add this address to its Allowed Callback URLs, or send one that is there.",
};

export function errorPage(page: ErrorPage): Markup {
  const hint = hints[page.error];
  return layout(
    page.headline,
    html`<h1>${page.headline}</h1>
      <p class="problem" role="alert">${page.message}</p>
      <p class="code"><code>${page.error}</code></p>
      ${hint === undefined ? "" : html`<p class="switch">${hint}</p>`}`,
  );
}
