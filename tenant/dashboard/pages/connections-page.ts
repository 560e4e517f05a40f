/** @module Authentication → Social: the connections to providers, and which one to create. */
import { html } from "hono/html";
import { connectionLabel } from "../../login/login-connections.ts";
import type { Markup } from "../../login/pages/layout.ts";
import type { ConnectionRow } from "../../models/connection.ts";

/** Strategies that are no social connections. */
const elsewhere = new Set(["auth0", "email", "sms", "ad", "adfs", "samlp", "waad", "okta"]);

export function isSocial({ strategy }: ConnectionRow): boolean {
  return !elsewhere.has(strategy);
}

/** What a person calls a strategy. */
export function strategyLabel(strategy: string): string {
  return labels[strategy] ?? strategy;
}

const labels: Readonly<Record<string, string>> = {
  oauth2: "Custom OAuth2",
  "google-oauth2": "Google / Gmail",
  github: "GitHub",
};

export function connectionsPage(connections: readonly ConnectionRow[]): Markup {
  return html`<div class="head">
      <div><h1>Social connections</h1>
        <p class="lead">Providers that users sign in with, and whose tokens Token Vault keeps.</p></div>
      <a class="button primary" href="/dashboard/connections/new">Create connection</a>
    </div>
    ${
      connections.length === 0
        ? html`<div class="card empty">No social connection yet. Create one, or let <code>tvk up</code> do it.</div>`
        : html`<ul class="rows">${connections.map(row)}</ul>`
    }`;
}

function row(connection: ConnectionRow): Markup {
  const applications = connection.enabled_clients.length;
  return html`<li><a class="row" href="/dashboard/connections/${connection.id}">
      <span><strong>${connectionLabel(connection)}</strong>
        <small>${strategyLabel(connection.strategy)} · ${connection.name}</small></span>
      <span class="tags">
        ${connection.authentication.active ? html`<span class="tag">Login</span>` : ""}
        ${
          connection.connected_accounts.active
            ? html`<span class="tag on">Token Vault</span>`
            : html`<span class="tag">Token Vault off</span>`
        }
        <span class="tag">${applications} ${applications === 1 ? "application" : "applications"}</span>
      </span></a></li>`;
}
