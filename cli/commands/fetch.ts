/** @module `tvk fetch SERVICE URL`: calls an API as the user, who never sees a token. */

import { commaList } from "../comma-list.ts";
import { command } from "../command.ts";
import { knownService } from "../connections/known-services.ts";
import { exitCodes, inputError } from "../exit-codes.ts";
import { showFetch } from "../fetch/dry-run.ts";
import { jsonAnswer, saveBody, streamAnswer } from "../fetch/fetch-answer.ts";
import { requestOf } from "../fetch/fetch-request.ts";
import { allowedDomainsOf, openSession, vaultOf } from "../profiles/session.ts";

export const fetch = command({
  description: "Call an API with the service's token",
  failure: "fetch_error",
  args: {
    service: {
      type: "positional",
      required: true,
      description: "Connection, or gmail, calendar, slack, github",
    },
    url: { type: "positional", required: true, description: "Address to call" },
    method: {
      type: "string",
      alias: "X",
      valueHint: "name",
      description: "Method (GET, with data POST)",
    },
    header: {
      type: "string",
      alias: "H",
      valueHint: "name: value",
      description: "Header; repeatable",
    },
    data: {
      type: "string",
      alias: "d",
      valueHint: "text",
      description: "Body; - reads standard input",
    },
    "data-file": { type: "string", valueHint: "path", description: "Body from a file" },
    include: { type: "boolean", alias: "i", description: "Show the answer's head" },
    output: {
      type: "string",
      alias: "o",
      valueHint: "path",
      description: "Write the body to a file",
    },
    scopes: { type: "string", valueHint: "a,b", description: "Scopes that the call needs" },
    "login-hint": {
      type: "string",
      valueHint: "text",
      description: "Which account at the provider",
    },
    "dry-run": { type: "boolean", description: "Show what would be sent; send nothing" },
  },
  run: async ({ args, globals, every }) => {
    const { service } = args;
    const { env, timeoutMs, json } = globals;
    const url = urlOf(args.url);
    const session = openSession({ profile: globals.profile, env, timeoutMs, trustLate: true });
    const domains = allowedDomainsOf(session.profile, service);
    if (domains.length === 0) {
      throw inputError(
        "no_allowed_domains",
        `no domain is allowed for "${service}"`,
        `Run: tvk connect ${service} --allowed-domains ${url.host}`,
      );
    }
    const init = requestOf({
      method: args.method,
      headers: every("header"),
      data: args.data,
      dataFile: args["data-file"],
    });
    const { connection } = knownService(service, session.profile.connection);
    if (args["dry-run"] === true) {
      showFetch({ connection, url, init, allowedDomains: domains });
      return undefined;
    }
    const hint = args["login-hint"];
    const response = await vaultOf(session, domains).fetch(connection, url, init, {
      scopes: commaList(args.scopes),
      ...(hint ? { loginHint: hint } : {}),
    });
    const include = args.include === true;
    const outcome = args.output
      ? await saveBody(response, args.output, { include })
      : json
        ? await jsonAnswer(response, { include })
        : await streamAnswer(response, { include });
    return outcome.ok ? undefined : exitCodes.service;
  },
});

function urlOf(text: string) {
  if (URL.canParse(text)) return new URL(text);
  throw inputError("invalid_url", "the URL is not an absolute one", "Give https://HOST/PATH.");
}
