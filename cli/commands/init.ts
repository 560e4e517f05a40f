/** @module `tvk init`: a stack's profile from its outputs; without a stack, the questions that make one; without a program, one to start with. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { command } from "../command.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { type Globals, mayAsk } from "../globals.ts";
import {
  answersFromFlags,
  askAnswers,
  type InitFlags,
  mayOverwrite,
  type StackAnswers,
} from "../init/stack-answers.ts";
import { stackFileName, writeStackFile } from "../init/stack-file.ts";
import { startProgram } from "../init/start-program.ts";
import { printResult, say } from "../output.ts";
import { openSession } from "../profiles/session.ts";
import { saveStackProfile, typedFor } from "../profiles/stack-profile.ts";
import { personVisit } from "../sign-in/browser.ts";
import { runLogin } from "../sign-in/run-login.ts";
import type { OpenStack } from "../stack/stack.ts";
import { stackOf, unasked } from "../stack/stack-args.ts";

/** Auth0 calls a helpdesk or a service of one's own with a secret that only a person can put in. */
const SECRET = "tvk pulumi -- config set --secret";

const serviceUrl = (description: string) =>
  ({ type: "string", valueHint: "url", description }) as const;

export const init = command({
  description: "Make a profile from a stack, or ask what a new stack needs and bring it up",
  failure: "init_failed",
  args: {
    stack: {
      type: "string",
      alias: "s",
      valueHint: "name",
      description: "Stack whose profile to make, or the new one's name (dev)",
    },
    tenant: { type: "string", valueHint: "local|cloud", description: "Tenant of a new stack" },
    domain: { type: "string", valueHint: "host", description: "Domain of a cloud tenant" },
    connection: { type: "string", valueHint: "name", description: "Connection's name" },
    "helpdesk-url": {
      type: "string",
      valueHint: "url",
      description: "A helpdesk that runs already",
    },
    "helpdesk-port": {
      type: "string",
      valueHint: "number",
      description: "Port of a helpdesk that is started here (3001)",
    },
    "service-issuer": serviceUrl("Your own service's issuer, in the helpdesk's place"),
    "service-authorization-endpoint": serviceUrl("Its endpoint, where it has no metadata"),
    "service-token-endpoint": serviceUrl("Its endpoint, where it has no metadata"),
    "service-userinfo-endpoint": serviceUrl("Its endpoint, where it has no metadata"),
    "service-client-id": { type: "string", valueHint: "id", description: "What it calls Auth0" },
    "service-api-url": serviceUrl("A GET of its API that needs a token and changes nothing"),
    scopes: { type: "string", valueHint: "a,b", description: "Scopes to ask the provider for" },
    "login-connections": {
      type: "string",
      valueHint: "a,b",
      description: "Connections through which users sign in",
    },
    "app-name": { type: "string", valueHint: "name", description: "Name of the application" },
    "app-id": { type: "string", valueHint: "id", description: "Not carried: see its error" },
    install: {
      type: "boolean",
      default: true,
      description: "Install what a new program needs (--no-install)",
    },
    login: { type: "boolean", default: true, description: "Sign in at the end (--no-login)" },
  },
  run: async ({ args, globals }) => {
    if (args["app-id"] !== undefined) {
      throw inputError(
        "not_carried",
        "--app-id is not carried: a stack makes an application of its own",
        "Give --app-name NAME; to sign in with an application that you have, set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET and run tvk login.",
      );
    }
    const flags: InitFlags = {
      tenant: args.tenant,
      domain: args.domain,
      connection: args.connection,
      helpdeskUrl: args["helpdesk-url"],
      helpdeskPort: args["helpdesk-port"],
      scopes: args.scopes,
      loginConnections: args["login-connections"],
      appName: args["app-name"],
      service: {
        issuer: args["service-issuer"],
        authorizationEndpoint: args["service-authorization-endpoint"],
        tokenEndpoint: args["service-token-endpoint"],
        userinfoEndpoint: args["service-userinfo-endpoint"],
        clientId: args["service-client-id"],
        apiUrl: args["service-api-url"],
      },
    };
    const stack = args.stack ?? "dev";
    const { service, ...others } = flags;
    const given = [...Object.values(service), ...Object.values(others)];
    const asksForNew = given.some((flag) => flag !== undefined);
    if (!existsSync(join(process.cwd(), "Pulumi.yaml"))) {
      await startProgram(stack, flags, globals, args.install !== false);
      return undefined;
    }
    const known = existsSync(join(process.cwd(), stackFileName(stack)));
    if (args.stack !== undefined && known && !asksForNew) {
      const opened = await stackOf({ stack });
      finish(opened, await saveStackProfile(opened));
      return undefined;
    }
    await makeStack(stack, flags, globals, { known, signIn: args.login !== false });
    return undefined;
  },
});

async function makeStack(
  stack: string,
  flags: InitFlags,
  globals: Globals,
  { known, signIn }: { known: boolean; signIn: boolean },
): Promise<void> {
  const { env, confirm, browser, port, timeoutMs } = globals;
  const asks = mayAsk(env);
  const answers = asks && !confirm ? await asked(flags) : answersFromFlags(flags);
  const overwrite = known && (confirm || (asks && (await mayOverwrite(stackFileName(stack)))));
  writeStackFile(process.cwd(), stack, answers, overwrite);
  say(`Wrote ${stackFileName(stack)}.`);
  const key = secretKey(answers);
  if (key !== undefined) {
    const first = `${SECRET} ${key} --stack ${stack}`;
    printResult(
      { status: "configured", stack, next: [first, `tvk up --stack ${stack}`] },
      () => "",
    );
    say(`Next: ${first}, then tvk up --stack ${stack}. The API must know the same secret.`);
    return;
  }
  const opened = await stackOf({ stack });
  // Standard output has the one result, of the whole command.
  const { exitCode } = await opened.pulumi(["up", ...unasked(confirm)], "stderr");
  if (exitCode !== 0) {
    throw new CliError("init_failed", `bringing the stack up ended with ${exitCode}`, {
      exitCode: exitCodes.general,
      hint: `Mend what the engine said above, then run tvk up --stack ${stack}.`,
    });
  }
  const saved = await saveStackProfile(opened);
  if (signIn) {
    const session = openSession({ profile: saved.profile, env, timeoutMs });
    await runLogin({ session, port, visit: personVisit("sign in", browser, env) });
  }
  finish(opened, saved);
}

/** The secret that must be there before the stack can come up. */
function secretKey({ service, helpdeskUrl }: StackAnswers): string | undefined {
  if (service !== undefined) return "serviceClientSecret";
  return helpdeskUrl === undefined ? undefined : "helpdeskClientSecret";
}

async function asked(flags: InitFlags) {
  try {
    return await askAnswers(flags);
  } finally {
    // Nothing is asked any more: an input that stays open must not keep the process.
    process.stdin.unref?.();
  }
}

function finish(
  opened: OpenStack,
  { profile, outputs }: Awaited<ReturnType<typeof saveStackProfile>>,
): void {
  const { domain, connectionName: connection } = outputs;
  const made = { profile, stack: opened.stack, domain, connection };
  const tvk = typedFor(profile, opened);
  printResult({ status: "setup_complete", ...made }, () =>
    [
      `The profile "${profile}" is ready: tenant ${domain}.`,
      `Next: ${tvk} connect ${connection}; ${tvk} doctor looks at the whole chain.`,
    ].join("\n"),
  );
}
