/** @module `tvk logout`: forgets the user's tokens, and ends the session in the browser. */

import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { updateProfile } from "../profiles/profiles.ts";
import { revokeRefreshToken } from "../profiles/revoke-refresh-token.ts";
import { findSession, openSession } from "../profiles/session.ts";
import { personVisit } from "../sign-in/browser.ts";

export const logout = command({
  description: "Sign out",
  failure: "logout_failed",
  args: { local: { type: "boolean", description: "Only forget the tokens kept here" } },
  run: async ({ args, globals }) => {
    const { env, browser, port, timeoutMs } = globals;
    const found = findSession({ profile: globals.profile, env });
    const { auth0, connections = {} } = found?.profile ?? {};
    if (!found || (!auth0 && Object.keys(connections).length === 0)) {
      printResult({ status: "not_logged_in" }, () => "Nobody is signed in.");
      return undefined;
    }
    const { name, profile } = found;
    if (!args.local) {
      const session = openSession({ profile: globals.profile, env, timeoutMs });
      if (auth0?.refreshToken) await revokeRefreshToken(session, auth0.refreshToken);
      const url = new URL(`https://${profile.domain}/v2/logout`);
      url.searchParams.set("client_id", profile.clientId);
      url.searchParams.set("returnTo", `http://127.0.0.1:${port ?? 18_484}`);
      await personVisit("end the session in the browser too", browser, env)(url.href);
    }
    await updateProfile(
      name,
      (kept) => {
        delete kept.auth0;
        kept.connections = {};
      },
      env,
    );
    printResult({ status: "logged_out" }, () => `Signed out of ${profile.domain}.`);
    return undefined;
  },
});
