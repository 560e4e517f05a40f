/** @module The user's connected accounts, over Auth0's My Account API and its own access token. */
import { VaultError } from "./errors.ts";
import { type Subject, scopesOf, ttlMsOf } from "./provider-token.ts";
import {
  type Answer,
  isNoRoute,
  meRefusal,
  meRequest,
  type Tenant,
  tokenRequest,
} from "./tenant.ts";
import { covers, type HeldToken, heldToken } from "./token-cache.ts";

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

/** Gives an access token of the My Account API with this scope; `renew` gives another than the last. */
export type MyAccountToken = (scope: Scope, renew?: string) => Promise<HeldToken>;

type Scope = `${"create" | "read" | "delete"}:me:connected_accounts`;

const SCOPES =
  "create:me:connected_accounts read:me:connected_accounts delete:me:connected_accounts";
/** More pages than this is a cursor that runs in a circle. */
const MAX_PAGES = 100;
/** The most that one page may have. */
const PAGE = 20;

/**
 * Trades the user's refresh token for an access token of the My Account API (a multi-resource refresh
 * token). Scopes that the client's policy lacks are dropped by the tenant in silence.
 *
 * @param onRotate Given the new refresh token if the tenant rotates it, which Token Vault forbids.
 *
 * @throws {VaultError} `LOGIN_REQUIRED`, `MRRT_POLICY_MISSING`, `MY_ACCOUNT_API_OFF`,
 * `MY_ACCOUNT_GRANT_MISSING`, `GRANT_NOT_ENABLED` and what a token request can meet.
 */
export async function obtainMyAccountToken(
  tenant: Tenant,
  subject: Subject,
  onRotate: (refreshToken: string) => unknown,
): Promise<HeldToken> {
  const began = tenant.now();
  const refresh = async (parameters: Record<string, string>) => {
    const body = await tokenRequest(tenant, {
      grant_type: "refresh_token",
      refresh_token: subject.token,
      ...parameters,
    });
    const { refresh_token: rotated } = body;
    if (typeof rotated === "string" && rotated !== subject.token) await onRotate(rotated);
    return body;
  };
  try {
    const body = await refresh({ audience: audienceOf(tenant), scope: SCOPES });
    return heldToken(began, ttlMsOf(body), { accessToken: body.access_token, ...scopesOf(body) });
  } catch (error) {
    throw error instanceof VaultError ? await myAccountRefusal(tenant, error, refresh) : error;
  }
}

/** Calls the My Account API with a token of that scope, once more with a new one after a 401. */
export async function callMyAccount(
  tenant: Tenant,
  token: MyAccountToken,
  [method, path, json]: [method: string, path: string, json?: unknown],
  connection?: string,
): Promise<Answer["body"]> {
  const verb = method === "GET" ? "read" : method === "DELETE" ? "delete" : "create";
  const scope: Scope = `${verb}:me:connected_accounts`;
  let held = await token(scope);
  if (!covers(held, [scope])) {
    throw new VaultError(
      "MRRT_POLICY_MISSING",
      `the tenant gave a token for ${audienceOf(tenant)} without the scope ${scope}`,
      { required: [scope], granted: held.scopes ?? [] },
    );
  }
  let answer = await meRequest(tenant, held.accessToken, method, path, json);
  if (answer.status === 401) {
    held = await token(scope, held.accessToken);
    answer = await meRequest(tenant, held.accessToken, method, path, json);
  }
  // Another process was faster: the account is gone, as it should be.
  if (method === "DELETE" && answer.status === 404 && !isNoRoute(answer)) return {};
  if (answer.status >= 300) throw meRefusal(tenant, answer, scope, connection);
  return answer.body;
}

/** Lists the user's accounts, or what else a list of the API has, over all its pages. */
export async function listAll(
  tenant: Tenant,
  token: MyAccountToken,
  list: "accounts" | "connections",
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const seen = new Set<unknown>();
  let next: unknown;
  do {
    const from = next ? `&from=${encodeURIComponent(`${next}`)}` : "";
    const body = await callMyAccount(tenant, token, ["GET", `${list}?take=${PAGE}${from}`]);
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

function audienceOf(tenant: Tenant) {
  return `${tenant.issuer}me/`;
}

async function myAccountRefusal(
  tenant: Tenant,
  error: VaultError,
  refresh: (parameters: Record<string, string>) => Promise<unknown>,
): Promise<VaultError> {
  const { message, status = 0, error: name = "" } = error;
  const make = (code: ConstructorParameters<typeof VaultError>[0], text: string) =>
    new VaultError(code, `${text} (${message})`, { cause: error, status, error: name });
  const audience = audienceOf(tenant);
  if (name === "access_denied") {
    if (/Service not enabled/.test(message)) {
      return make("MY_ACCOUNT_API_OFF", `the tenant has no API ${audience}`);
    }
    return /client-grant/.test(message)
      ? make("MY_ACCOUNT_GRANT_MISSING", `the client has no grant for ${audience}`)
      : make("MRRT_POLICY_MISSING", `the refresh token is not for ${audience}`);
  }
  if (name !== "invalid_grant") return error;
  // A dead refresh token and an audience outside its policy are refused alike: the token's own audience tells.
  const alive = await refresh({}).then(
    () => true,
    () => false,
  );
  return alive ? make("MRRT_POLICY_MISSING", `the refresh token is not for ${audience}`) : error;
}
