/** @module `tvk doctor`: says of each link of the chain whether it holds, and what mends it. */
import { command } from "../command.ts";
import { knownService } from "../connections/known-services.ts";
import { managementCredentials, managementView } from "../doctor/management-view.ts";
import { type CheckResult, runDoctor } from "../doctor/run-doctor.ts";
import { tenantControlsCheck } from "../doctor/tenant-controls-check.ts";
import { tunnelCheck } from "../doctor/tunnel-check.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import type { Globals } from "../globals.ts";
import { printResult } from "../output.ts";
import { allowedDomainsOf, openSession, type Session } from "../profiles/session.ts";
import { profileOfStack } from "../profiles/stack-profile.ts";

export const doctor = command({
  description: "Look at each link from DNS to the API call, and say what mends a broken one",
  failure: "doctor_failed",
  args: {
    service: {
      type: "positional",
      required: false,
      description: "Connection to look at (the stack's)",
    },
    stack: { type: "string", alias: "s", valueHint: "name", description: "The stack's profile" },
    url: { type: "string", valueHint: "url", description: "API call that ends the chain" },
    management: {
      type: "boolean",
      description: "Ask the Management API too, with the AUTH0_ variables",
    },
  },
  run: async ({ args, globals }) => {
    const { stack, url, service } = args;
    if (url !== undefined && !URL.canParse(url)) {
      throw inputError("invalid_url", "--url is not an absolute one", "Give https://HOST/PATH.");
    }
    const asked = args.management === true;
    const opened = openProfile(globals, stack, asked);
    if (!("session" in opened)) {
      print({ profile: stack ?? globals.profile ?? null, domain: null, checks: [opened] });
      return exitCodes.general;
    }
    const { session } = opened;
    const { domain, clientId } = session.profile;
    const credentials = managementCredentials(domain, {
      env: globals.env,
      asked,
      projectDir: process.cwd(),
    });
    const connection = service
      ? knownService(service, session.profile.connection).connection
      : session.profile.connection;
    const results = await runDoctor({
      session,
      connection,
      apiUrl:
        url ?? (connection === session.profile.connection ? session.profile.apiUrl : undefined),
      allowedDomains: connection === undefined ? [] : allowedDomainsOf(session.profile, connection),
      management:
        credentials && managementView(credentials, { clientId, timeoutMs: globals.timeoutMs }),
    });
    const profile = { id: "profile", status: "ok", message: `${session.name}: ${domain}` } as const;
    const { stack: ofStack, apiUrl } = session.profile;
    const tunnel = await tunnelCheck({ projectDir: process.cwd(), stack: ofStack, apiUrl });
    const played = await tenantControlsCheck({ domain, projectDir: process.cwd() });
    const checks = [profile, ...played, ...tunnel, ...results];
    print({ profile: session.name, domain, checks });
    return checks.some(({ status }) => status === "failed") ? exitCodes.general : undefined;
  },
});

/** What makes a profile unusable is a link too. */
function openProfile(
  { env, profile, timeoutMs }: Globals,
  stack: string | undefined,
  management: boolean,
): { session: Session } | CheckResult {
  // With --management the AUTH0_ variables are the Management application's, not the user's client.
  const own = management ? { ...env, TVK_SHELL: "1" } : env;
  try {
    const ofStack =
      stack === undefined ? undefined : profileOfStack({ projectDir: process.cwd(), stack }, env);
    return { session: openSession({ profile: ofStack ?? profile, env: own, timeoutMs }) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const hint =
      stack === undefined
        ? error.hint
        : `Run: tvk up --stack ${stack}, or tvk init --stack ${stack}`;
    const { message } = error;
    return { id: "profile", status: "failed", message, ...(hint ? { hint } : {}) };
  }
}

interface Report {
  profile: string | null;
  domain: string | null;
  checks: readonly CheckResult[];
}

function print(report: Report): void {
  const broken = report.checks.filter(({ status }) => status === "failed").length;
  printResult({ ok: broken === 0, ...report }, ({ checks }) =>
    [
      ...checks.flatMap(lines),
      "",
      broken === 0
        ? "No broken link."
        : `${broken} broken. Mend the first one, then run tvk doctor again.`,
    ].join("\n"),
  );
}

function lines({ id, status, message, hint }: CheckResult): string[] {
  const word = { ok: "ok    ", failed: "BROKEN", skipped: "-     " }[status];
  return [
    `${word}  ${id.padEnd(18)}  ${message}`,
    ...(hint === undefined ? [] : [`${" ".repeat(28)}${hint}`]),
  ];
}
