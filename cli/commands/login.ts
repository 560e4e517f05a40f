/** @module `tvk login`: signs the user in. */

import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { askForProfile } from "../profiles/profile-questions.ts";
import { openSession } from "../profiles/session.ts";
import { personVisit } from "../sign-in/browser.ts";
import { runLogin } from "../sign-in/run-login.ts";

export const login = command({
  description: "Sign in to the tenant",
  failure: "login_failed",
  args: {
    reconfigure: { type: "boolean", description: "Ask for tenant and client again" },
    connection: {
      type: "string",
      valueHint: "name",
      description: "Go straight to this connection",
    },
  },
  run: async ({ args, globals }) => {
    const { env, port, browser, timeoutMs } = globals;
    const profile = args.reconfigure ? await askForProfile(globals) : globals.profile;
    const session = openSession({ profile, env, timeoutMs });
    const again = session.profile.auth0 !== undefined;
    const user = await runLogin({
      session,
      port,
      connection: args.connection,
      visit: personVisit("sign in", browser, env),
    });
    const result = { status: "logged_in", ...(again ? { reauthenticated: true } : {}) };
    printResult(
      result,
      () => `Signed in to ${session.profile.domain} as ${user.email ?? user.sub}.`,
    );
    return undefined;
  },
});
