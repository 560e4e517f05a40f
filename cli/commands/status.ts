/** @module `tvk status`: who is signed in where. Calls nobody in JSON mode, as auth0-tv. */
import { command } from "../command.ts";
import { connectionRows, shownRows } from "../connections/connection-rows.ts";
import { printResult } from "../output.ts";
import { keptTokens } from "../profiles/profile-token-store.ts";
import { storageOf } from "../profiles/profiles.ts";
import { findSession, openSession } from "../profiles/session.ts";
import { signedInUser } from "../profiles/signed-in-user.ts";

export const status = command({
  description: "Show who is signed in",
  args: {},
  run: async ({ globals }) => {
    const { env, json, timeoutMs } = globals;
    const found = findSession({ profile: globals.profile, env });
    const { domain = null, clientId = null, auth0, connections = {} } = found?.profile ?? {};
    if (!found || !auth0) {
      printResult({ loggedIn: false, domain, clientId }, () =>
        domain === null
          ? "No tenant is configured."
          : `Nobody is signed in to ${domain}. Run: tvk login`,
      );
      return undefined;
    }
    const valid = auth0.expiresAt > Date.now();
    const result = {
      // A refresh token that works outlives the access token.
      loggedIn: valid || auth0.refreshToken !== undefined,
      domain,
      clientId,
      profile: found.name,
      storage: storageOf(env),
      user: signedInUser(auth0.idToken),
      tokenStatus: valid ? "valid" : "expired",
      connections: [...new Set(keptTokens(connections).map(({ connection }) => connection))],
    };
    const rows = json
      ? []
      : await connectionRows(openSession({ profile: globals.profile, env, timeoutMs }));
    printResult(result, ({ user }) =>
      [
        `Signed in to ${domain} as ${user.email ?? user.sub} (profile ${found.name})`,
        shownRows(rows),
      ].join("\n"),
    );
    return undefined;
  },
});
