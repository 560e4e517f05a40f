/** @module What the checks look at: one profile's tenant, user and connection, each asked once. */
import { ClientSecretPost } from "../../runtime/client-auth.ts";
import { type Account, TokenVault, type VaultErrorCode } from "../../runtime/index.ts";
import { loadProfile, updateProfile } from "../profiles/profiles.ts";
import type { Session } from "../profiles/session.ts";
import type { ManagementView } from "./management-view.ts";

/** A JSON answer of the tenant. */
export interface Answer {
  readonly status: number;
  readonly date: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a refusal of the tenant or the API means. */
export interface Refusal {
  readonly code: VaultErrorCode | undefined;
  readonly message: string;
}

export interface ChainOptions {
  readonly session: Session;
  /** The connection to look at; undefined leaves its checks out. */
  readonly connection: string | undefined;
  /** The call that ends the chain; undefined leaves it out. */
  readonly apiUrl: string | undefined;
  /** Hosts that may see the provider's token. */
  readonly allowedDomains: readonly string[];
  /** Exact answers, where somebody may ask the Management API. */
  readonly management: ManagementView | undefined;
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** The chain of one profile. */
export interface Chain extends Omit<ChainOptions, "now"> {
  readonly now: () => number;
  readonly issuer: string;
  /** Never caches: a held token would hide a link that is broken by now. */
  readonly vault: TokenVault;
  /** The command that mends what a stack declares, or what to do by hand. */
  mend(byHand: string): string;
  get(path: string, token?: string): Promise<Answer>;
  /** A request to the token endpoint as the client. */
  token(parameters: Readonly<Record<string, string>>): Promise<Answer>;
  /** The user's refresh token used, without and with the My Account API as audience. */
  refreshed(): Promise<Answer>;
  myAccountToken(): Promise<Answer>;
  /** The connections that the user may connect an account at. */
  connectable(): Promise<readonly { readonly name: string; readonly scopes: readonly string[] }[]>;
  accounts(): Promise<readonly Account[]>;
}

const MY_ACCOUNT_SCOPES = ["create", "read", "delete"].map(
  (verb) => `${verb}:me:connected_accounts`,
);

/** The scopes of the My Account API without which connecting does not work. */
export const myAccountScopes: readonly string[] = MY_ACCOUNT_SCOPES;

/** Makes the chain; nothing is asked yet. */
export function chainOf(options: ChainOptions): Chain {
  const { session, now = Date.now } = options;
  const { profile, timeoutMs } = session;
  const issuer = `https://${profile.domain}/`;
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(new URL(path, issuer), {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, date, body: objectOf(await response.text()) };
  };
  const token: Chain["token"] = (parameters) =>
    send("oauth/token", {
      method: "POST",
      body: new URLSearchParams({
        ...parameters,
        client_id: profile.clientId,
        client_secret: profile.clientSecret,
      }),
    });
  const get: Chain["get"] = (path, bearer) =>
    send(path, bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } });
  const refresh = async (parameters: Record<string, string>) => {
    const refresh_token = refreshTokenOf(session);
    const answer = await token({ grant_type: "refresh_token", refresh_token, ...parameters });
    await keepRotated(session, answer.body["refresh_token"]);
    return answer;
  };
  const vault = vaultWithoutCache(options);
  const myAccountToken = once(() =>
    refresh({ audience: `${issuer}me/`, scope: MY_ACCOUNT_SCOPES.join(" ") }),
  );
  return {
    ...options,
    now,
    issuer,
    vault,
    mend: (byHand) =>
      profile.stack === undefined ? byHand : `Run: tvk up --stack ${profile.stack} -- --refresh`,
    get,
    token,
    refreshed: once(() => refresh({})),
    myAccountToken,
    connectable: once(async () =>
      connectableOf(get, `${(await myAccountToken()).body["access_token"]}`),
    ),
    accounts: once(() => vault.connections()),
  };
}

/** The user's refresh token as it is kept now; empty when nobody is signed in. */
export function refreshTokenOf({ name, env }: Session): string {
  return loadProfile(name, env)?.profile.auth0?.refreshToken ?? "";
}

/** What a thrown error says; `code` where it is the runtime's. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const { code } = error as { code?: VaultErrorCode };
  const cause = error.cause instanceof Error ? `: ${error.cause.message || error.cause.name}` : "";
  return { code, message: `${error.message}${error.message === "fetch failed" ? cause : ""}` };
}

/** `error: description` of a refused token request; never anything else of the answer. */
export function refusalText({ status, body }: Answer): string {
  const { error, error_description: text } = body;
  return `${status} ${typeof error === "string" ? error : ""}${typeof text === "string" ? `: ${text}` : ""}`.trim();
}

function vaultWithoutCache({ session, allowedDomains, now }: ChainOptions): TokenVault {
  const { profile, timeoutMs } = session;
  return new TokenVault({
    domain: profile.domain,
    clientId: profile.clientId,
    clientAuth: ClientSecretPost(profile.clientSecret),
    subjectToken: {
      type: "refresh_token",
      value: () => refreshTokenOf(session),
      onRotate: (refreshToken) => keepRotated(session, refreshToken),
    },
    allowedDomains,
    timeoutMs,
    ...(now === undefined ? {} : { now }),
  });
}

/** A tenant that rotates has made the old token worthless: the new one must not be lost. */
async function keepRotated({ name, env }: Session, refreshToken: unknown): Promise<void> {
  if (typeof refreshToken !== "string") return;
  await updateProfile(
    name,
    ({ auth0 }) => void (auth0 && Object.assign(auth0, { refreshToken })),
    env,
  );
}

async function connectableOf(get: Chain["get"], token: string) {
  const found: { name: string; scopes: string[] }[] = [];
  let from = "";
  do {
    const { body } = await get(`me/v1/connected-accounts/connections?take=20${from}`, token);
    const { connections = [], next } = body as {
      connections?: { name: string; scopes?: string[] }[];
      next?: string;
    };
    found.push(...connections.map(({ name, scopes = [] }) => ({ name, scopes })));
    from = next ? `&from=${encodeURIComponent(next)}` : "";
  } while (from !== "" && found.length < 1000);
  return found;
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}
