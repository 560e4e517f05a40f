/** @module The user's connected accounts, over Auth0's My Account API and its own access token. */
import type { VaultError } from "./errors.ts";
import {
  type Answer,
  type Meanings,
  RATE_LIMITED,
  refusal,
  SIGN_IN,
  SWITCH_ON,
} from "./refusals.ts";
import type { ask, Tenant, tokenRequest } from "./tenant.ts";
import type { HeldToken, TokenCache } from "./token-cache.ts";
import type { UserTokens } from "./user-tokens.ts";

/** An account of the user at a provider, as Token Vault keeps it. */
export interface Account {
  /** `cac_…` */
  id: string;
  connection: string;
  /** What the user has granted. */
  scopes: string[];
  /** ISO 8601. */
  createdAt: string;
  /** End of the provider's refresh token, where it is known. ISO 8601. */
  expiresAt?: string;
}

/**
 * One user at one tenant's My Account API: what the vault lends to this part of it. Nothing here is
 * imported from the vault, so that each of the two is one module, and this one loaded when needed.
 */
export interface MyAccount {
  tenant: Tenant;
  tokens: UserTokens;
  cache: TokenCache;
  ask: typeof ask;
  tokenRequest: typeof tokenRequest;
  VaultError: typeof VaultError;
}

const API_OFF = "Activate the My Account API in the tenant (Applications > APIs).";
const GRANT_MISSING =
  'Give the client a client grant for the My Account API with subject_type "user" and this scope.';
const POLICY_MISSING =
  "Activate the My Account API; give the client its connected_accounts scopes in refresh_token.policies and in a client grant with subject_type user; then sign in again.";
/** For an expired session, by the tenant's word or by the clock. */
export const START_AGAIN =
  "Start again with connect(): its session lives for minutes and is used once.";

/** The 404 of a tenant that has no such API: it names method and path. */
const NO_ROUTE = /^404.*\b(GET|POST|DELETE)\b/;
/** More pages than this is a cursor that runs in a circle. */
const MAX_PAGES = 100;
/** The most that one page may have. */
const PAGE = 20;

/** Calls the My Account API with a token of the scope that it needs, once more with a new one after a 401. */
export async function callMyAccount(
  me: MyAccount,
  method: "GET" | "POST" | "DELETE",
  path: string,
  json?: unknown,
  connection?: string,
): Promise<Answer["body"]> {
  const { tenant } = me;
  const scope = scopeOf(method);
  const call = async ({ accessToken }: HeldToken) =>
    me.ask(tenant, `me/v1/connected-accounts/${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      body: json ? JSON.stringify(json) : null,
    });
  let held = await myAccountToken(me, scope);
  let answer = await call(held);
  if (answer.status === 401) {
    held = await myAccountToken(me, scope, held.accessToken);
    answer = await call(held);
  }
  const { status, body } = answer;
  // Another process was faster: the account is gone, as it should be.
  const gone = method === "DELETE" && status === 404 && !NO_ROUTE.test(`404 ${body["detail"]}`);
  if (gone || status < 300) return gone ? {} : body;
  throw new me.VaultError(...refusal(tenant.issuer, answer, meanings(connection), connection));
}

/** Lists the user's accounts, or what else a list of the API has, over all its pages. */
export async function listAll(
  me: MyAccount,
  list: "accounts" | "connections",
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const seen = new Set<unknown>();
  let next: unknown;
  do {
    const from = next ? `&from=${encodeURIComponent(`${next}`)}` : "";
    const body = await callMyAccount(me, "GET", `${list}?take=${PAGE}${from}`);
    rows.push(...((body[list] ?? []) as typeof rows));
    seen.add(next);
    next = body["next"];
  } while (next && !seen.has(next) && seen.size < MAX_PAGES);
  return rows;
}

export function toAccount(row: Record<string, unknown>): Account {
  const { id, connection, scopes = [], created_at: createdAt, expires_at: expiresAt } = row;
  return { id, connection, scopes, createdAt, ...(expiresAt ? { expiresAt } : {}) } as Account;
}

function scopeOf(method: string) {
  const verb = { GET: "read", DELETE: "delete" }[method] ?? "create";
  return `${verb}:me:connected_accounts`;
}

/**
 * Trades the user's refresh token for an access token of the My Account API (a multi-resource refresh
 * token). Scopes that the client's policy lacks are dropped by the tenant in silence.
 *
 * @param stale A token that the API refused.
 *
 * @throws {VaultError} `LOGIN_REQUIRED`, `MRRT_POLICY_MISSING`, `MY_ACCOUNT_API_OFF`,
 * `MY_ACCOUNT_GRANT_MISSING`, `GRANT_NOT_ENABLED` and what a token request can meet.
 */
async function myAccountToken(me: MyAccount, scope: string, stale?: string): Promise<HeldToken> {
  const { tenant, tokens, cache } = me;
  const subject = await tokens.subject();
  if (subject.type !== "refresh_token") {
    throw new TypeError("connected accounts need a subjectToken of type refresh_token");
  }
  const refresh = (parameters: Record<string, string>) =>
    me.tokenRequest(
      tenant,
      { grant_type: "refresh_token", refresh_token: subject.token, ...parameters },
      async ({ refresh_token: rotated }) => {
        if (typeof rotated === "string" && rotated !== subject.token) await tokens.rotate(rotated);
      },
    );
  const audience = audienceOf(tenant);
  const key = await tokens.key("", subject);
  const held = await cache.token(key, "", { scopes: [scope], stale }, () =>
    refresh({ audience, scope: ["POST", "GET", "DELETE"].map(scopeOf).join(" ") }).catch(
      async (error) => {
        throw await myAccountRefusal(me, error, refresh);
      },
    ),
  );
  if (!held.scopes || held.scopes.includes(scope)) return held;
  throw new me.VaultError(
    "MRRT_POLICY_MISSING",
    `the tenant gave a token for ${audience} without the scope ${scope}`,
    { required: [scope], granted: held.scopes ?? [], hint: POLICY_MISSING },
  );
}

function audienceOf(tenant: Tenant) {
  return `${tenant.issuer}me/`;
}

/**
 * What the refusals of the API mean. "not enabled" in a 400 is (inferred), and so is that no 404 of
 * the API's own, of a connection, a session or an account, names a method as that of no API does.
 */
function meanings(connection: string | undefined): Meanings {
  return [
    RATE_LIMITED,
    [/^401/, "LOGIN_REQUIRED", SIGN_IN],
    [/^403/, "MY_ACCOUNT_GRANT_MISSING", GRANT_MISSING],
    [connection ? NO_ROUTE : /^404/, "MY_ACCOUNT_API_OFF", API_OFF],
    [/^404.*session/i, "CONNECT_EXPIRED", START_AGAIN],
    [/^404|^400.*not enabled/, "CONNECTION_OFF", SWITCH_ON],
  ];
}

/** Which piece is missing when the refresh token brings no token for the API. */
async function myAccountRefusal(
  me: MyAccount,
  cause: VaultError,
  refresh: (parameters: Record<string, string>) => Promise<unknown>,
): Promise<VaultError> {
  const { message, status = 0, error = "", code: meaning } = cause;
  const denied = error === "access_denied" && meaning !== "CLIENT_AUTH_FAILED";
  if (!denied && error !== "invalid_grant") return cause;
  const piece =
    denied && /Service not enabled/.test(message)
      ? (["MY_ACCOUNT_API_OFF", "the tenant has no API", API_OFF] as const)
      : denied && /client-grant/.test(message)
        ? (["MY_ACCOUNT_GRANT_MISSING", "the client has no grant for", GRANT_MISSING] as const)
        : undefined;
  // A dead refresh token, an Action that denies its user and an audience outside the token's policy
  // are refused alike: the token's own audience tells.
  const alive = () =>
    refresh({}).then(
      () => true,
      () => false,
    );
  if (!piece && !(await alive())) return cause;
  const [code, text, hint] =
    piece ?? (["MRRT_POLICY_MISSING", "the refresh token is not for", POLICY_MISSING] as const);
  return new me.VaultError(code, `${text} ${audienceOf(me.tenant)}: ${message}`, {
    cause,
    status,
    error,
    hint,
  });
}
