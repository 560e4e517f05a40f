/** @module The Connected Accounts flow: where to send the user, and what to do when they are back. */
import { codeChallenge, randomText } from "./base64url.ts";
import {
  type Account,
  callMyAccount,
  listAll,
  type MyAccount,
  START_AGAIN,
  toAccount,
} from "./my-account.ts";

export interface ConnectOptions {
  /** Where the user comes back to: one of the client's callbacks. */
  redirectUri: string;
  /** Asked for beside what is granted already; by default what the connection is configured with. */
  scopes?: readonly string[];
  /** Tells the provider which account is meant. */
  loginHint?: string;
  /** Passed on to the provider: `prompt`, `max_age`, `ui_locales` and other members the API knows. */
  authorizationParams?: Record<string, string | number>;
}

/** A connect that has begun. */
export interface ConnectStart {
  /** Send the user's browser here. */
  url: string;
  /** Keep this with the user's session and give it to `complete`. Secret: it holds the PKCE verifier. */
  session: string;
  /** Epoch milliseconds; minutes away. */
  expiresAt: number;
}

interface Session {
  connection: string;
  redirectUri: string;
  state: string;
  verifier: string;
  authSession: string;
  expiresAt: number;
  /** The digest of the user's token: another user cannot complete it. */
  owner: string;
}

/**
 * Begins to connect an account. What the user has granted on the connection is asked for again, since
 * Auth0 replaces the list of scopes.
 *
 * @throws {VaultError} `CONNECTION_OFF`, `MY_ACCOUNT_API_OFF` and the others of the My Account API.
 */
export async function startConnect(
  me: MyAccount,
  connection: string,
  options: ConnectOptions,
): Promise<ConnectStart> {
  const { redirectUri, loginHint, authorizationParams } = options;
  const scopes = await scopesToAsk(me, connection, options.scopes ?? []);
  const params = { ...authorizationParams, ...(loginHint ? { login_hint: loginHint } : {}) };
  const state = randomText();
  const verifier = randomText();
  const request = {
    connection,
    redirect_uri: redirectUri,
    state,
    code_challenge: await codeChallenge(verifier),
    code_challenge_method: "S256",
    // Auth0 refuses an empty list.
    ...(scopes.length ? { scopes } : {}),
    ...(Object.keys(params).length ? { authorization_params: params } : {}),
  };
  const body = await callMyAccount(me, "POST", "connect", request, connection);
  const { connect_uri: uri, auth_session: authSession } = body;
  if (typeof uri !== "string" || !URL.canParse(uri) || typeof authSession !== "string") {
    throw new me.VaultError("TENANT_REFUSED", "the tenant began a connect without saying where", {
      connection,
      hint: "See the tenant's logs for this request.",
    });
  }
  const url = new URL(uri);
  for (const [name, value] of Object.entries(body["connect_params"] ?? {})) {
    url.searchParams.set(name, `${value}`);
  }
  const expiresAt = me.tenant.now() + Number(body["expires_in"] ?? 300) * 1000;
  const session: Session = {
    connection,
    redirectUri,
    state,
    verifier,
    authSession,
    expiresAt,
    owner: await me.tokens.owner(),
  };
  return { url: url.href, session: JSON.stringify(session), expiresAt };
}

/**
 * Finishes what {@link startConnect} began, when the user has come back.
 *
 * @throws {VaultError} `CONNECT_DENIED`, `CONNECT_STATE_MISMATCH`, `CONNECT_EXPIRED`.
 */
export async function completeConnect(
  me: MyAccount,
  callbackUrl: string | URL,
  session: string,
): Promise<Account> {
  const begun = readSession(session);
  const { connection, redirectUri } = begun;
  const back = new URL(callbackUrl, redirectUri).searchParams;
  const error = back.get("error");
  if (error) {
    const text = [error, back.get("error_description")].filter(Boolean).join(": ");
    throw new me.VaultError("CONNECT_DENIED", `"${connection}" was not connected (${text})`, {
      connection,
      error,
      hint: "Start again with connect() when the user agrees.",
    });
  }
  const refuse = (code: "CONNECT_STATE_MISMATCH" | "CONNECT_EXPIRED", why: string, hint: string) =>
    new me.VaultError(code, `the callback for "${connection}" ${why}`, { connection, hint });
  const mismatch = (why: string) =>
    refuse(
      "CONNECT_STATE_MISMATCH",
      why,
      "Complete with the session of the connect() that this browser began.",
    );
  if (back.get("state") !== begun.state) throw mismatch("belongs to another connect()");
  if ((await me.tokens.owner()) !== begun.owner) throw mismatch("belongs to another user");
  const code = back.get("connect_code") ?? back.get("code");
  if (!code) throw mismatch("has no connect_code");
  if (me.tenant.now() >= begun.expiresAt) {
    throw refuse("CONNECT_EXPIRED", "came too late", START_AGAIN);
  }
  const request = {
    auth_session: begun.authSession,
    connect_code: code,
    redirect_uri: redirectUri,
    code_verifier: begun.verifier,
  };
  const account = toAccount(await callMyAccount(me, "POST", "complete", request, connection));
  await me.cache.drop(await me.tokens.key(account.connection));
  return account;
}

/** Lists the user's connected accounts. */
export async function listAccounts(me: MyAccount): Promise<Account[]> {
  return (await listAll(me, "accounts")).map(toAccount);
}

/** Removes accounts from the vault; one that is gone already is as it should be. */
export async function removeAccounts(
  me: MyAccount,
  which: string | { id: string },
): Promise<Account[]> {
  const accounts = (await listAccounts(me)).filter((account) =>
    typeof which === "string" ? account.connection === which : account.id === which.id,
  );
  for (const { id, connection } of accounts) {
    await callMyAccount(me, "DELETE", `accounts/${id}`);
    await me.cache.drop(await me.tokens.key(connection));
  }
  return accounts;
}

async function scopesToAsk(me: MyAccount, connection: string, asked: readonly string[]) {
  const of = (rows: Record<string, unknown>[], key: string) =>
    rows.filter((row) => row[key] === connection).flatMap(({ scopes = [] }) => scopes as string[]);
  const granted = of(await listAll(me, "accounts"), "connection");
  const configured =
    granted.length && !asked.length ? of(await listAll(me, "connections"), "name") : [];
  return [...new Set([...granted, ...configured, ...asked])];
}

function readSession(session: string): Session {
  try {
    return JSON.parse(session);
  } catch {
    throw new TypeError('"session" is not what connect() returned');
  }
}
