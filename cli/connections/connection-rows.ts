/** @module The user's connections as `tvk connections` and `tvk status` show them. */
import type { Account } from "../../runtime/my-account.ts";
import { say } from "../output.ts";
import { keptTokens } from "../profiles/profile-token-store.ts";
import { allowedDomainsOf, type Session, vaultOf } from "../profiles/session.ts";
import { servicesOf } from "./known-services.ts";

/** One connected account, as auth0-tv shows it. */
export interface ConnectionRow {
  connection: string;
  services: string[];
  service: string;
  id?: string;
  scopes: string[];
  /** Of the provider token that is kept here. */
  tokenStatus: "valid" | "expired" | "none";
  allowedDomains: string[];
  /** Known to the tenant; false for a token that is only kept here. */
  remote: boolean;
}

/** Lists the accounts that the tenant knows, or what is kept here when it can't be asked. */
export async function connectionRows(session: Session): Promise<ConnectionRow[]> {
  const { profile } = session;
  const kept = keptTokens(profile.connections);
  const accounts = profile.auth0?.refreshToken ? await remoteAccounts(session) : undefined;
  const row = (connection: string, account?: Account): ConnectionRow => {
    const token = kept.find((each) => each.connection === connection);
    const services = servicesOf(connection);
    return {
      connection,
      services,
      service: services.join(", "),
      ...(account ? { id: account.id } : {}),
      scopes: account?.scopes ?? token?.scopes ?? [],
      tokenStatus:
        token === undefined ? "none" : token.expiresAt > Date.now() ? "valid" : "expired",
      allowedDomains: [...new Set(services.flatMap((name) => allowedDomainsOf(profile, name)))],
      remote: account !== undefined,
    };
  };
  return accounts
    ? accounts.map((account) => row(account.connection, account))
    : kept.map(({ connection }) => row(connection));
}

/** The rows as lines for a person. */
export function shownRows(rows: readonly ConnectionRow[]): string {
  if (rows.length === 0) return "No account is connected. Run: tvk connect SERVICE";
  return rows
    .map(
      ({ service, id, scopes, tokenStatus, allowedDomains }) =>
        `${service}${id ? ` (${id})` : ""}: scopes ${scopes.join(" ") || "none"}; ` +
        `token ${tokenStatus}; allowed domains ${allowedDomains.join(", ") || "none"}`,
    )
    .join("\n");
}

async function remoteAccounts(session: Session) {
  try {
    return await vaultOf(session).connections();
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    say(`The tenant's list is not available: ${message}. ${hint ?? ""}`);
    return undefined;
  }
}
