/** @module `tvk connect SERVICE`: connects an account at a provider. */

import { commaList } from "../comma-list.ts";
import { command } from "../command.ts";
import { knownService } from "../connections/known-services.ts";
import { runConnect } from "../connections/run-connect.ts";
import { showConnect } from "../fetch/dry-run.ts";
import { printResult, say } from "../output.ts";
import { openSession } from "../profiles/session.ts";
import { personVisit } from "../sign-in/browser.ts";

export const connect = command({
  description: "Connect an account at a provider, or widen what is granted",
  failure: "connect_failed",
  args: {
    service: {
      type: "positional",
      required: true,
      description: "Connection, or gmail, calendar, slack, github",
    },
    scopes: {
      type: "string",
      valueHint: "a,b",
      description: "Scopes to ask for beside the granted ones",
    },
    "allowed-domains": {
      type: "string",
      valueHint: "a,b",
      description: "Hosts to add that may see the token",
    },
    "login-hint": {
      type: "string",
      valueHint: "text",
      description: "Which account at the provider",
    },
    "dry-run": { type: "boolean", description: "Show what would be sent; send nothing" },
  },
  run: async ({ args, globals }) => {
    const { service } = args;
    const { env, port, browser, timeoutMs, profile } = globals;
    const session = openSession({ profile, env, timeoutMs });
    if (args["dry-run"] === true) {
      const known = knownService(service, session.profile.connection);
      const asked = commaList(args.scopes);
      showConnect({
        service,
        connection: known.connection,
        scopes: asked.length > 0 ? asked : known.scopes,
        allowedDomains: commaList(args["allowed-domains"]),
      });
      return undefined;
    }
    const { connection, id, scopes, allowedDomains, warning } = await runConnect({
      session,
      service,
      port,
      scopes: commaList(args.scopes),
      allowedDomains: commaList(args["allowed-domains"]),
      loginHint: args["login-hint"],
      visit: personVisit(`connect ${service}`, browser, env),
    });
    const result = {
      status: warning ? "connected_with_warning" : "connected",
      service,
      connection,
      id,
      scopes,
      ...(allowedDomains.length ? { allowedDomains } : {}),
      ...(warning ? { warning } : {}),
    };
    if (warning) say(`Warning: ${warning}`);
    printResult(result, () => `Connected ${connection}: ${scopes.join(" ") || "no scopes"}`);
    return undefined;
  },
});
