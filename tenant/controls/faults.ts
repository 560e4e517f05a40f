/** @module Faults: which endpoint fails, how, and how often. */
import { randomUUID } from "node:crypto";
import { z } from "zod";

const method = "(?:\\*|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)";

/** What is wrong with an endpoint; checked where it comes in from outside, too. */
export const faultSchema = z
  .strictObject({
    /** `POST /oauth/token`. `*` as the method is any; a segment `*` or `{id}` is any one, a last `*` all that follow. */
    endpoint: z
      .string()
      .max(500)
      .regex(
        new RegExp(`^${method} /\\S*$`),
        "must be a method and a path, such as: POST /oauth/token",
      )
      .refine(
        (text) => !/^\S+ \/(?:owner|dashboard)(?:\/|$)/.test(text),
        "must leave /owner and /dashboard alone",
      ),
    /** Answers with it instead of the endpoint. */
    status: z.int().min(200).max(599).optional(),
    /** Of that answer. Default: an error in the dialect of the API that the path belongs to. */
    body: z.unknown().optional(),
    /** Of that answer; with 429 the rate limit headers are there by default. */
    headers: z
      .record(
        z.string().regex(/^[\w-]+$/),
        z
          .string()
          .max(1_000)
          .regex(/^[\t\x20-\x7e]*$/),
      )
      .optional(),
    /** Milliseconds before the endpoint, or the answer in its place, is asked. */
    delayMs: z.int().min(0).max(120_000).optional(),
    /** Cuts the connection: before the `request` is heard, or after it has had its effect, so that the `answer` is lost. */
    drop: z.enum(["request", "answer"]).optional(),
    /** How many requests it hits. Default: all, until it is removed. */
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(
    ({ status, delayMs, drop }) =>
      status !== undefined || delayMs !== undefined || drop !== undefined,
    "needs one of status, delayMs and drop",
  )
  .refine(({ status, drop }) => status === undefined || drop === undefined, {
    error: "can't both answer with a status and drop the connection",
  });

export type Fault = z.input<typeof faultSchema>;

/** A fault that is set. */
export type ActiveFault = Fault & {
  readonly id: string;
  /** Requests that it has hit. */
  readonly hits: number;
};

export interface Faults {
  /** @throws {z.ZodError} The fault makes no sense. */
  add(fault: Fault): ActiveFault;
  /** Whether there was one. */
  remove(id: string): boolean;
  clear(): void;
  list(): ActiveFault[];
  /** The first fault for a request, counted as hit; gone after its last time. */
  take(method: string, path: string): ActiveFault | undefined;
}

export function newFaults(): Faults {
  let active: { fault: ActiveFault; matches: (method: string, path: string) => boolean }[] = [];
  return {
    add(input) {
      const fault = { ...faultSchema.parse(input), id: randomUUID(), hits: 0 } as ActiveFault;
      active.push({ fault, matches: matcher(fault.endpoint) });
      return fault;
    },
    remove(id) {
      const before = active.length;
      active = active.filter(({ fault }) => fault.id !== id);
      return active.length < before;
    },
    clear() {
      active = [];
    },
    list: () => active.map(({ fault }) => fault),
    take(method, path) {
      const found = active.find(({ matches }) => matches(method, path));
      if (found === undefined) return undefined;
      const hit = { ...found.fault, hits: found.fault.hits + 1 };
      found.fault = hit;
      if (hit.hits === hit.times) active = active.filter((each) => each !== found);
      return hit;
    },
  };
}

function matcher(endpoint: string): (method: string, path: string) => boolean {
  const [wanted = "*", pattern = "/"] = endpoint.split(" ");
  const segments = pattern.split("/").map((segment, at, all) => {
    if (segment === "*" && at === all.length - 1) return ".+";
    return segment === "*" || /^\{\w+\}$/.test(segment) ? "[^/]+" : segment.replace(/\W/g, "\\$&");
  });
  const paths = new RegExp(`^${segments.join("/")}$`);
  return (method, path) => (wanted === "*" || wanted === method) && paths.test(path);
}
