/** @module The users, and one user with the accounts that Token Vault keeps. */
import { html } from "hono/html";
import type { Markup } from "../../login/pages/layout.ts";
import type { ConnectedAccountRow } from "../../models/connected-account.ts";
import type { UserRow } from "../../models/user.ts";
import { back } from "./connection-pages.ts";

/** Most users that the list shows. */
export const shownUsers = 100;

export interface UsersPage {
  /** What was searched for. */
  readonly search: string;
  readonly users: readonly UserRow[];
  /** How many match, shown or not. */
  readonly found: number;
  /** How many accounts a user has connected, by user_id. */
  readonly connected: ReadonlyMap<string, number>;
}

export function usersPage({ search, users, found, connected }: UsersPage): Markup {
  return html`<h1>Users</h1>
    <p class="lead">Who has signed up or in, and how many accounts Token Vault keeps for them.</p>
    <form class="search" method="get" role="search" action="/dashboard/users">
      <div><label for="q">Search by email, name or user_id</label>
        <input id="q" name="q" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" value="${search}"></div>
      <button type="submit">Search</button>
    </form>
    ${
      users.length === 0
        ? html`<div class="card empty">${search === "" ? "Nobody yet. Users come by signing up, or with “tvk login”." : "No user matches."}</div>`
        : html`<ul class="rows">${users.map((user) => row(user, connected.get(user.user_id) ?? 0))}</ul>`
    }
    ${found > users.length ? html`<p class="quiet">The first ${users.length} of ${found}. Search to see others.</p>` : ""}`;
}

function row(user: UserRow, accounts: number): Markup {
  return html`<li><a class="row" href="/dashboard/users/${encodeURIComponent(user.user_id)}">
      <span><strong>${user.email ?? user.name ?? user.user_id}</strong><small>${user.user_id}</small></span>
      <span class="tags">
        ${user.blocked === true ? html`<span class="tag off">Blocked</span>` : ""}
        <span class="tag ${accounts > 0 ? "on" : ""}">${accounts} connected ${accounts === 1 ? "account" : "accounts"}</span>
      </span></a></li>`;
}

export function userPage(
  user: UserRow,
  accounts: readonly ConnectedAccountRow[],
  now: number,
): Markup {
  return html`${back("/dashboard/users", "Users")}
    <h1>${user.email ?? user.name ?? user.user_id}</h1>
    <p class="lead"><code>${user.user_id}</code></p>
    <section class="card" aria-labelledby="about"><h2 id="about">About</h2><dl>
      ${user.name === undefined ? "" : html`<dt>Name</dt><dd>${user.name}</dd>`}
      <dt>Signs in with</dt><dd>${user.identities.map(({ connection }) => connection).join(", ")}</dd>
      <dt>Logins</dt><dd>${user.logins_count ?? 0}${user.last_login === undefined ? "" : html`, last ${moment(user.last_login)}`}</dd>
      <dt>Since</dt><dd>${moment(user.created_at)}</dd>
      ${user.blocked === true ? html`<dt>State</dt><dd><span class="tag off">Blocked</span></dd>` : ""}
    </dl></section>
    <section aria-labelledby="accounts"><h2 id="accounts">Connected accounts</h2>
      ${
        accounts.length === 0
          ? html`<div class="card empty">None. A user connects one with <code>tvk connect NAME</code>.</div>`
          : accounts.map((account) => accountCard(account, now))
      }</section>`;
}

function accountCard(account: ConnectedAccountRow, now: number): Markup {
  const left = account.access_token_expires_at - now;
  return html`<article class="card" aria-label="${account.connection}"><div class="head"><h3>${account.connection}</h3>
      ${
        account.refresh_token === ""
          ? html`<span class="tag off">No refresh token</span>`
          : html`<span class="tag on">Exchangeable</span>`
      }</div>
    <dl>
      <dt>Account at the provider</dt><dd>${account.idp_user_id}</dd>
      <dt>Scopes</dt><dd>${account.scopes.length === 0 ? "none" : account.scopes.map((scope) => html`<code>${scope}</code> `)}</dd>
      <dt>Connected</dt><dd>${moment(account.created_at)}</dd>
      <dt>Access token</dt><dd><code>${masked(account.access_token)}</code>
        ${left > 0 ? `ends in ${duration(left)}` : "has ended; the next exchange refreshes it"}</dd>
      <dt>Refresh token</dt><dd>${
        account.refresh_token === ""
          ? "The provider gave none: there is nothing to exchange. Ask it for offline access, and connect again."
          : html`<code>${masked(account.refresh_token)}</code>${account.expires_at === undefined ? "" : html` ends ${moment(account.expires_at)}`}`
      }</dd>
      <dt>Id</dt><dd><code>${account.id}</code></dd>
    </dl></article>`;
}

/** The last four characters tell two tokens apart; of a short one nothing is shown. */
export function masked(token: string): string {
  return token.length < 24 ? "••••••••" : `••••••••${token.slice(-4)}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} days`;
}

function moment(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
