/** @module The page after a logout that names no place to go. */
import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

export function signedOutPage(): Markup {
  return layout(
    "Signed out",
    html`<h1>Signed out</h1><p class="lead">You can close this page.</p>`,
  );
}
