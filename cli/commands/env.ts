/** @module `tvk env …`: environments that come and go. */
import { userInfo } from "node:os";
import type { CommandDef } from "citty";
import { environmentName, expiryAfter } from "../../environments/environment-terms.ts";
import { command } from "../command.ts";
import { listEnvironments } from "../environment/environment-list.ts";
import { createEnvironment, destroyEnvironment } from "../environment/environment-run.ts";
import { sweepEnvironments } from "../environment/environment-sweep.ts";
import { exitCodes, inputError } from "../exit-codes.ts";
import { printResult } from "../output.ts";
import { progressOn } from "../progress.ts";
import { policyArgs, policyRun } from "../stack/stack-args.ts";

const from = {
  type: "string",
  valueHint: "stack",
  default: "dev",
  description: "The stack that it is like, whose tenant it shares",
} as const;
const name = { type: "positional", required: false, description: "Its name, like pr-42" } as const;

const create = command({
  description: "Bring up an environment like a stack, or bring it up to date; renews its expiry",
  failure: "env_failed",
  args: {
    name,
    from,
    ttl: { type: "string", default: "1d", valueHint: "time", description: "90m, 8h, 3d (1d)" },
    owner: { type: "string", valueHint: "who", description: "Whose it is (TVK_OWNER, else you)" },
    ...policyArgs,
    "own-tenant": {
      type: "boolean",
      description: "A local tenant of its own, with the real names",
    },
  },
  async run({ args, globals: { env } }) {
    const wish = {
      name: named(args.name, "create"),
      owner: ownerOf(args.owner, env),
      expires: expiryAfter(args.ttl, Date.now()),
      ownTenant: args["own-tenant"] === true,
    };
    const policy = policyRun(args, env);
    const made = await createEnvironment(runOf(args.from, policy.env), wish, policy.flags);
    printResult(made, ({ outputs, profile, status, expires }) =>
      [
        `${status}: ${wish.name}, on ${outputs.domain}, until ${expires}, of ${wish.owner}`,
        `Use it: tvk --profile ${profile} login; tvk --profile ${profile} connect ${outputs.connectionName}`,
        `Remove it: tvk env destroy ${wish.name}`,
      ].join("\n"),
    );
    return undefined;
  },
});

const destroy = command({
  description: "Remove an environment: by its state, or by its marks where this machine has none",
  failure: "env_failed",
  args: { name, from },
  async run({ args, globals: { env } }) {
    const wanted = named(args.name, "destroy");
    const done = await destroyEnvironment(runOf(args.from, env), wanted);
    const status = done.left.length === 0 ? "destroyed" : "incomplete";
    printResult({ status, name: wanted, ...done }, ({ by, removed, left }) =>
      [
        `${status}: ${wanted}, by its ${by}`,
        ...removed.map((each) => `  removed ${each}`),
        ...left.map(({ object, why }) => `  left ${object}: ${why}`),
      ].join("\n"),
    );
    return done.left.length === 0 ? undefined : exitCodes.general;
  },
});

const list = command({
  description: "List the environments of a tenant and of this machine",
  failure: "env_failed",
  args: { from },
  async run({ args, globals: { env } }) {
    const rows = await listEnvironments(runOf(args.from, env));
    printResult(rows, () =>
      rows
        .map(({ name, state, expires, owner, tenant, objects, here }) =>
          [
            name.padEnd(20),
            state.padEnd(10),
            (expires ?? "-").padEnd(20),
            (owner ?? "-").padEnd(16),
            tenant,
            objects === undefined ? "own tenant" : `${objects.length} objects`,
            here ? "(state here)" : "",
          ].join("  "),
        )
        .join("\n"),
    );
    return undefined;
  },
});

const sweep = command({
  description: "Remove the environments whose time is over; says what it left, and why",
  failure: "env_failed",
  args: {
    from,
    owner: { type: "string", valueHint: "who", description: "Only this owner's" },
    "dry-run": { type: "boolean", description: "Say what would be removed; remove nothing" },
  },
  async run({ args, globals: { env } }) {
    const dryRun = args["dry-run"] === true;
    const swept = await sweepEnvironments(runOf(args.from, env), { owner: args.owner, dryRun });
    printResult({ dryRun, ...swept }, ({ removed, left, failed }) =>
      [
        ...removed.map(({ name, objects }) => {
          const what = objects.length === 0 ? "" : `: ${objects.join(", ")}`;
          return `${dryRun ? "would remove" : "removed"} ${name}${what}`;
        }),
        ...failed.map(({ name, why }) => `FAILED ${name}: ${why}`),
        ...left.map(
          ({ name, object, why }) => `left ${name}${object ? `, ${object}` : ""}: ${why}`,
        ),
        ...(removed.length + failed.length === 0 ? ["Nothing to remove."] : []),
      ].join("\n"),
    );
    return swept.failed.length === 0 ? undefined : exitCodes.general;
  },
});

export const env: CommandDef = {
  meta: { description: "Environments that come and go: create, list, destroy, sweep" },
  subCommands: { create, list, destroy, sweep },
};

function runOf(stack: string, environment: NodeJS.ProcessEnv) {
  return {
    projectDir: process.cwd(),
    from: stack,
    env: environment,
    progress: progressOn(process.stderr, environment),
  };
}

function named(given: string | undefined, verb: string): string {
  if (given !== undefined) return environmentName(given);
  throw inputError("invalid_input", "no name was given", `tvk env ${verb} NAME`);
}

function ownerOf(flag: string | undefined, environment: NodeJS.ProcessEnv): string {
  const owner = flag ?? (environment["TVK_OWNER"] || userInfo().username);
  if (owner.length > 0 && owner.length <= 64) return owner;
  throw inputError("invalid_input", `--owner has ${owner.length} characters`, "Give 1 to 64.");
}
