/** @module The sign-in page. */
import { html } from "hono/html";
import type { ConnectionRow } from "../../models/connection.ts";
import type { LoginTransaction } from "../../models/transaction.ts";
import { connectionLabel, type LoginConnections } from "../login-connections.ts";
import { layout, type Markup } from "./layout.ts";

export interface LoginPage {
  readonly login: LoginTransaction;
  /** The application's name. */
  readonly application: string;
  readonly connections: LoginConnections;
  readonly email?: string;
  /** Shown above the form. */
  readonly problem?: string;
}

export function loginPage(page: LoginPage): Markup {
  const { login, connections } = page;
  const database = connections.database;
  const title = `Sign in to ${page.application}`;
  return layout(
    title,
    html`<h1>Welcome</h1>
      <p class="lead">Sign in to continue to <strong>${page.application}</strong>.</p>
      ${page.problem === undefined ? "" : html`<p class="problem" id="problem" role="alert">${page.problem}</p>`}
      ${database === undefined ? "" : passwordForm(page, database)}
      ${database !== undefined && connections.social.length > 0 ? html`<p class="or"><span>or</span></p>` : ""}
      ${connections.social.map((connection) => socialForm(login, connection))}`,
  );
}

function passwordForm(page: LoginPage, database: ConnectionRow): Markup {
  const { login } = page;
  const email = page.email ?? login.request.loginHint ?? "";
  const focusPassword = email !== "";
  const wrong =
    page.problem === undefined ? "" : html`aria-invalid="true" aria-describedby="problem"`;
  return html`<form method="post" action="/u/login">
      <input type="hidden" name="state" value="${login.id}">
      <input type="hidden" name="form_token" value="${login.formToken}">
      <label for="username">Email address</label>
      <input id="username" name="username" type="email" autocomplete="username" inputmode="email"
        autocapitalize="none" spellcheck="false" required value="${email}" ${wrong} ${focusPassword ? "" : "autofocus"}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required
        ${wrong} ${focusPassword ? "autofocus" : ""}>
      <button type="submit" class="primary">Continue</button>
    </form>
    ${
      database.options.disable_signup === true
        ? ""
        : html`<p class="switch">Don't have an account? <a href="/u/signup?state=${login.id}">Sign up</a></p>`
    }`;
}

/** A form with one button for each connection; pressing it leads to the provider. */
export function socialForm(login: LoginTransaction, connection: ConnectionRow): Markup {
  const icon = connection.options.icon_url;
  return html`<form method="post" action="/u/social">
      <input type="hidden" name="state" value="${login.id}">
      <input type="hidden" name="form_token" value="${login.formToken}">
      <button type="submit" class="social" name="connection" value="${connection.name}">
        ${icon === undefined ? "" : html`<img src="${icon}" alt="" width="20" height="20">`}
        Continue with ${connectionLabel(connection)}
      </button>
    </form>`;
}
