/** @module Faults: which endpoint fails, how, and how often. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ActiveFault, Fault, Faults } from "./fault.ts";

const method = "(?:\\*|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)";

/** A fault, checked where it comes in from outside, too. */
export const faultSchema = z
  .strictObject({
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
    status: z.int().min(200).max(599).optional(),
    body: z.unknown().optional(),
    headers: z
      .record(
        z.string().regex(/^[\w-]+$/),
        z
          .string()
          .max(1_000)
          .regex(/^[\t\x20-\x7e]*$/),
      )
      .optional(),
    delayMs: z.int().min(0).max(120_000).optional(),
    drop: z.enum(["request", "answer"]).optional(),
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(
    ({ status, delayMs, drop }) =>
      status !== undefined || delayMs !== undefined || drop !== undefined,
    "needs one of status, delayMs and drop",
  )
  .refine(({ status, drop }) => status === undefined || drop === undefined, {
    error: "can't both answer with a status and drop the connection",
  }) satisfies z.ZodType<Fault>;

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
