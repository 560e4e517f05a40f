/** @module One connection: its creation, its settings, its Token Vault switch and its applications. */
import { html } from "hono/html";
import { connectionLabel } from "../../login/login-connections.ts";
import type { Markup } from "../../login/pages/layout.ts";
import type { ClientRow } from "../../models/client.ts";
import type { ConnectionRow } from "../../models/connection.ts";
import {
  displayNameField,
  type FormField,
  nameField,
  optionFields,
  shownValues,
} from "../connection-form.ts";
import type { OwnerSession } from "../owner-session.ts";
import { strategyLabel } from "./connections-page.ts";
import { type FormState, formField, formProblem } from "./form-fields.ts";
import { formToken, switchButton } from "./frame.ts";

/** Strategies that can be created here, with what they are for. */
export const creatable: Readonly<Record<string, string>> = {
  oauth2: "Any OAuth2 provider: your internal API, for example.",
  "google-oauth2": "Gmail, Calendar and the other Google APIs.",
  github: "Repositories, issues and pull requests.",
};

export function choicePage(): Markup {
  return html`${back("/dashboard/connections", "Social connections")}
    <h1>Create a connection</h1>
    <p class="lead">Which provider is it for?</p>
    <ul class="choices">${Object.entries(creatable).map(
      ([strategy, about]) => html`<li><a href="/dashboard/connections/new/${strategy}">
        <strong>${strategyLabel(strategy)}</strong><span class="quiet">${about}</span></a></li>`,
    )}</ul>`;
}

export function createPage(session: OwnerSession, strategy: string, state: FormState): Markup {
  const fields: readonly FormField[] = [nameField, displayNameField, ...optionFields(strategy)];
  const vault: FormField = {
    name: "connected_accounts",
    label: "Connected Accounts for Token Vault",
    hint: "Users can connect their account, and applications can exchange for its token.",
    kind: "switch",
  };
  return html`${back("/dashboard/connections/new", "Create a connection")}
    <h1>New ${strategyLabel(strategy)} connection</h1>
    <p class="lead">Checked by the rules of <code>POST /api/v2/connections</code>.</p>
    ${formProblem(state, fields)}
    <form class="card" method="post" action="/dashboard/connections/new/${strategy}">${formToken(session)}
      ${fields.map((field) => formField(field, state))}
      ${formField(vault, state)}
      <div class="actions"><button class="primary" type="submit">Create</button>
        <a href="/dashboard/connections">Cancel</a></div>
    </form>`;
}

export interface ConnectionPage {
  readonly session: OwnerSession;
  readonly connection: ConnectionRow;
  readonly clients: readonly ClientRow[];
  /** `https://DOMAIN/login/callback`: what the provider has to allow. */
  readonly callback: string;
  /** Of the settings form, after a refusal; default: what is kept. */
  readonly state?: FormState;
  /** Of a switch. */
  readonly problem?: string | undefined;
}

export function connectionPage(page: ConnectionPage): Markup {
  const { connection, problem } = page;
  return html`${back("/dashboard/connections", "Social connections")}
    <h1>${connectionLabel(connection)}</h1>
    <p class="lead">${strategyLabel(connection.strategy)} · <code>${connection.name}</code> · <code>${connection.id}</code></p>
    ${problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`}
    ${purposes(page)}
    ${applications(page)}
    ${settings(page)}`;
}

function purposes({ session, connection }: ConnectionPage): Markup {
  const path = `/dashboard/connections/${connection.id}`;
  const { active: login } = connection.authentication;
  const { active: vault } = connection.connected_accounts;
  return html`<section aria-labelledby="purposes"><h2 id="purposes">Purpose</h2>
    <ul class="rows">
      <li class="row"><span><strong>Connected Accounts for Token Vault</strong>
        <small id="about-vault">Users connect their account; applications exchange for its token.</small></span>
        ${switchButton(session, {
          action: `${path}/connected-accounts`,
          name: "active",
          on: vault,
          label: "Connected Accounts for Token Vault",
          describedBy: "about-vault",
        })}</li>
      <li class="row"><span><strong>Authentication</strong>
        <small id="about-login">“Continue with ${connectionLabel(connection)}” on the sign-in page.</small></span>
        ${switchButton(session, {
          action: `${path}/authentication`,
          name: "active",
          on: login,
          label: "Authentication",
          describedBy: "about-login",
        })}</li>
    </ul></section>`;
}

function applications({ session, connection, clients }: ConnectionPage): Markup {
  const enabled = new Set(connection.enabled_clients);
  return html`<section aria-labelledby="applications"><h2 id="applications">Applications</h2>
    <ul class="rows">${clients.map(
      (
        client,
      ) => html`<li class="row"><span><strong>${client.name}</strong><small>${client.client_id}</small></span>
        ${switchButton(session, {
          action: `/dashboard/connections/${connection.id}/clients/${client.client_id}`,
          name: "status",
          on: enabled.has(client.client_id),
          label: `Enabled for ${client.name}`,
        })}</li>`,
    )}</ul></section>`;
}

function settings(page: ConnectionPage): Markup {
  const { session, connection, callback } = page;
  const fields = [displayNameField, ...optionFields(connection.strategy)];
  const secretKept = Boolean(connection.options.client_secret);
  const state = { secretKept, ...(page.state ?? { values: shownValues(connection) }) };
  return html`<section aria-labelledby="settings"><h2 id="settings">Settings</h2>
    ${formProblem(state, fields)}
    <form class="card" method="post" action="/dashboard/connections/${connection.id}">${formToken(session)}
      <div class="field"><dl><dt>Callback URL</dt><dd><code>${callback}</code></dd></dl>
        <p class="hint">The provider has to allow it.</p></div>
      ${fields.map((field) => formField(field, state))}
      <div class="actions"><button class="primary" type="submit">Save</button></div>
    </form></section>`;
}

export function back(path: string, label: string): Markup {
  return html`<a class="back" href="${path}"><span aria-hidden="true">← </span>${label}</a>`;
}
