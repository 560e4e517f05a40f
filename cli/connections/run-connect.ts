/** @module Connects one of the user's accounts at a provider, and proves it with one exchange. */

import { hostRules } from "../../runtime/allowed-hosts.ts";
import { VaultError } from "../../runtime/errors.ts";
import { inputError } from "../exit-codes.ts";
import { updateProfile } from "../profiles/profiles.ts";
import { type Session, vaultOf } from "../profiles/session.ts";
import type { Visit } from "../sign-in/browser.ts";
import { browserLeg } from "../sign-in/browser-leg.ts";
import { knownService } from "./known-services.ts";

export interface RunConnectOptions {
  session: Session;
  /** A connection's name, or a service that auth0-tv knows. */
  service: string;
  /** Brings the user's browser to the provider's consent. */
  visit: Visit;
  /** Asked for beside what is granted already. */
  scopes?: readonly string[];
  /** Added to the hosts that may see the token. */
  allowedDomains?: readonly string[];
  loginHint?: string | undefined;
  port?: number | undefined;
  /** How long the user may take; default two minutes. */
  waitMs?: number | undefined;
}

/** A connected account. */
export interface Connected {
  connection: string;
  id: string;
  scopes: string[];
  /** All hosts that the person has allowed for the service. */
  allowedDomains: string[];
  /** Why the account, though connected, gives no token yet. */
  warning?: string;
}

/**
 * Sends the user through the Connected Accounts flow and keeps the allowed domains in the profile.
 *
 * @throws {CliError} `invalid_input`: a domain that is none, before any request.
 * @throws {VaultError} What the tenant or the user refused.
 */
export async function runConnect(options: RunConnectOptions): Promise<Connected> {
  const { session, service, loginHint, allowedDomains = [] } = options;
  const known = knownService(service, session.profile.connection);
  const { connection } = known;
  const scopes = options.scopes?.length ? options.scopes : known.scopes;
  checkDomains(allowedDomains);
  const vault = vaultOf(session);
  let started = { session: "" };
  const account = await browserLeg({
    visit: options.visit,
    port: options.port,
    waitMs: options.waitMs,
    done: `"${connection}" is connected. You can close this window.`,
    begin: async (redirectUri) => {
      const start = await vault.connect(connection, {
        redirectUri,
        scopes,
        ...(loginHint ? { loginHint } : {}),
      });
      started = start;
      return start.url;
    },
    finish: (callback) => vault.complete(callback, started.session),
  });
  const warning = await vault.token(connection, { force: true }).then(
    () => undefined,
    (error: unknown) =>
      error instanceof VaultError ? `${error.message}. ${error.hint}` : String(error),
  );
  const allowed = await allow(session, service.toLowerCase(), allowedDomains);
  return {
    connection,
    id: account.id,
    scopes: account.scopes,
    allowedDomains: allowed,
    ...(warning ? { warning } : {}),
  };
}

function checkDomains(domains: readonly string[]) {
  try {
    hostRules(domains);
  } catch (cause) {
    const seen =
      cause instanceof Error ? cause.message.replace("allowedDomains", "--allowed-domains") : "";
    throw inputError(
      "invalid_input",
      seen,
      "Give hosts without scheme and path: api.example.com,*.example.org",
    );
  }
}

function allow({ name, env }: Session, service: string, domains: readonly string[]) {
  return updateProfile(
    name,
    ({ serviceSettings }) => {
      const old = serviceSettings[service]?.allowedDomains ?? [];
      const allowedDomains = [...new Set([...old, ...domains])];
      if (allowedDomains.length) serviceSettings[service] = { allowedDomains };
      return allowedDomains;
    },
    env,
  );
}
