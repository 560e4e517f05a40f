/** @module `tvk tenant fault|clock|limit`: what a test turns at the local tenant. */
import type { CommandDef } from "citty";
import { z } from "zod";
import { command } from "../command.ts";
import { durationSeconds } from "../duration.ts";
import { inputError } from "../exit-codes.ts";
import { printResult } from "../output.ts";
import { startLocalTenant } from "../tenant/local-tenant.ts";
import { ownerRequest } from "../tenant/owner-request.ts";

const base = "/owner/controls";

const state = z.object({
  faults: z.array(z.looseObject({ id: z.string(), endpoint: z.string(), hits: z.number() })),
  clock: z.object({ now: z.string(), offset_seconds: z.number() }),
  rate_limit: z.unknown(),
});
type State = z.infer<typeof state>;

/** Calls the tenant, then gives what is set. */
async function turn(
  ...request: [method: string, path: string, body?: unknown] | []
): Promise<State> {
  const tenant = await startLocalTenant(process.cwd());
  const [method, path, body] = request;
  if (method !== undefined) await ownerRequest(tenant, method, `${base}${path}`, body);
  return state.parse(await ownerRequest(tenant, "GET", base));
}

export const fault = command({
  description: "Let an endpoint of the local tenant fail; without one, list the faults",
  args: {
    endpoint: {
      type: "positional",
      required: false,
      description: 'Method and path, in quotes: "POST /oauth/token", "* /api/v2/*"',
    },
    status: { type: "string", valueHint: "code", description: "Answer with it: 500, 429, …" },
    header: {
      type: "string",
      valueHint: "name: value",
      description: "Of that answer; may be given again",
    },
    delay: { type: "string", valueHint: "ms", description: "Milliseconds to wait first" },
    drop: {
      type: "string",
      valueHint: "when",
      description: "Cut the connection: before the request is heard, or before its answer",
    },
    times: { type: "string", valueHint: "count", description: "How many requests it hits (all)" },
    clear: { type: "boolean", description: "Take all faults away" },
  },
  async run({ args, every }) {
    const { endpoint } = args;
    if (args.clear === true) print(await turn("DELETE", "/faults"));
    else if (endpoint === undefined) print(await turn());
    else {
      const numbers = {
        status: number(args.status, "status"),
        delayMs: number(args.delay, "delay"),
        times: number(args.times, "times"),
      };
      const set = Object.entries(numbers).filter(([, value]) => value !== undefined);
      const headers = Object.fromEntries(every("header").map(header));
      print(
        await turn("POST", "/faults", {
          endpoint,
          ...Object.fromEntries(set),
          ...(args.drop === undefined ? {} : { drop: args.drop }),
          ...(Object.keys(headers).length === 0 ? {} : { headers }),
        }),
      );
    }
    return undefined;

    function print({ faults }: State): void {
      printResult(faults, () =>
        faults.length === 0
          ? "no faults"
          : faults
              .map(
                ({ id, endpoint: at, hits, ...rest }) =>
                  `${at}  ${JSON.stringify(rest)}  hits ${hits}  ${id}`,
              )
              .join("\n"),
      );
    }
  },
}) as CommandDef;

export const clock = command({
  description: "Move the local tenant's clock: tokens expire, sessions end",
  args: {
    advance: {
      type: "string",
      valueHint: "time",
      description: "On from where it is: 90s, 15m, 2h, 30d",
    },
    at: { type: "string", valueHint: "time", description: "To a moment: 2027-01-31T12:00:00Z" },
    reset: { type: "boolean", description: "Back to the real time" },
  },
  async run({ args }) {
    const given = [args.advance, args.at, args.reset || undefined].filter(
      (each) => each !== undefined,
    );
    if (given.length > 1)
      throw inputError("invalid_input", "--advance, --at and --reset exclude one another");
    const { clock: now } = await (args.reset === true
      ? turn("DELETE", "/clock")
      : args.at !== undefined
        ? turn("PUT", "/clock", { at: args.at })
        : args.advance !== undefined
          ? turn("PUT", "/clock", { advance_seconds: seconds(args.advance) })
          : turn());
    printResult(now, () =>
      now.offset_seconds === 0
        ? `${now.now}, the real time`
        : `${now.now}, ${now.offset_seconds} s from the real time`,
    );
    return undefined;
  },
}) as CommandDef;

export const limit = command({
  description:
    "Play the rate limits of an Auth0 plan: free, essentials, professional, enterprise, none",
  args: {
    plan: { type: "positional", required: false, description: "Without it: what is set" },
  },
  async run({ args }) {
    const { plan } = args;
    const { rate_limit: set } = await (plan === undefined
      ? turn()
      : plan === "none"
        ? turn("DELETE", "/rate-limit")
        : turn("PUT", "/rate-limit", { profile: plan }));
    printResult(set, () => (set === null ? "no limits" : JSON.stringify(set)));
    return undefined;
  },
}) as CommandDef;

function seconds(text: string): number {
  const found = durationSeconds(text);
  if (found !== undefined) return found;
  throw inputError(
    "invalid_input",
    `Invalid --advance value "${text}"`,
    "Say it like 90s, 15m, 2h or 30d.",
  );
}

function number(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw inputError("invalid_input", `Invalid --${name} value "${text}"`, "Give a whole number.");
}

function header(text: string): [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw inputError(
    "invalid_input",
    `Invalid --header value "${text}"`,
    'Say it like "retry-after: 5".',
  );
}
