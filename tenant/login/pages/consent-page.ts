/** @module The page that asks a user whether an application may have what it asks for. */
import { html } from "hono/html";
import type { LoginTransaction } from "../../models/transaction.ts";
import { layout, type Markup } from "./layout.ts";

export interface ConsentPage {
  readonly login: LoginTransaction;
  readonly application: string;
  /** The API's name, when one was asked for. */
  readonly api: string | undefined;
  /** What each scope allows, in words. */
  readonly permissions: readonly string[];
  /** How the user is known. */
  readonly user: string;
}

export function consentPage(page: ConsentPage): Markup {
  const { login } = page;
  return layout(
    `Authorize ${page.application}`,
    html`<h1>Authorize ${page.application}</h1>
      <p class="lead">Hi ${page.user}. <strong>${page.application}</strong> is asking for access to your
        ${page.api === undefined ? "account" : html`<strong>${page.api}</strong> account`}:</p>
      <ul class="permissions">${page.permissions.map((text) => html`<li>${text}</li>`)}</ul>
      <form method="post" action="/u/consent">
        <input type="hidden" name="state" value="${login.id}">
        <input type="hidden" name="form_token" value="${login.formToken}">
        <button type="submit" class="primary" name="action" value="accept">Accept</button>
        <button type="submit" class="secondary" name="action" value="decline">Decline</button>
      </form>`,
  );
}
