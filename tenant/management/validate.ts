/** @module Checks requests with zod and words its issues as Auth0's validator does. */
import { z } from "zod";
import { ManagementError } from "./management-error.ts";

/** Which part of the request a schema is about, with the error code that Auth0 gives it. */
const parts = {
  Payload: "invalid_body",
  Query: "invalid_query_string",
  Path: "invalid_uri",
} as const;

/** @throws {ManagementError} 400 with the first issue: `Payload validation error: '…' on property …`. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, part: keyof typeof parts): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { reason, path } = issue ? wording(issue) : { reason: "Invalid value", path: [] };
  const where = path.length === 0 ? "" : ` on property ${propertyPath(path)}`;
  throw new ManagementError(400, `${part} validation error: '${reason}'${where}.`, parts[part]);
}

/** A string in a named format; the value is part of the message, so never use it for secrets. */
export function format(name: string, accepts: (value: string) => boolean): z.ZodString {
  return z.string().refine(accepts, {
    error: (issue) => `Object didn't pass validation for format ${name}: ${String(issue.input)}`,
  });
}

/** An array without doubles, worded as Auth0 words it. */
export function unique<T extends z.ZodType>(item: T, rules: { max?: number } = {}) {
  const array = rules.max === undefined ? z.array(item) : z.array(item).max(rules.max);
  return array.superRefine((items, context) => {
    for (const [second, value] of items.entries()) {
      const first = items.indexOf(value);
      if (first === second) continue;
      const message = `Array items are not unique (indexes ${first} and ${second})`;
      context.addIssue({ code: "custom", message });
      return;
    }
  });
}

/** An integer in a query string. */
export function queryInteger(minimum: number, maximum: number) {
  return z
    .string()
    .transform((text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text))
    .pipe(z.int().min(minimum).max(maximum))
    .optional();
}

/** A boolean in a query string. */
export function queryBoolean() {
  return z
    .string()
    .transform((text) => (text === "true" ? true : text === "false" ? false : text))
    .pipe(z.boolean())
    .optional();
}

/** A parameter that may be given once or more. */
export function queryList() {
  return z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional();
}

type Path = readonly PropertyKey[];

function wording(issue: z.core.$ZodIssue): { reason: string; path: Path } {
  if (issue.code !== "custom" && issue.input === undefined && issue.path.length > 0) {
    const path = issue.path.slice(0, -1);
    return { reason: `Missing required property: ${String(issue.path.at(-1))}`, path };
  }
  if (issue.code === "invalid_key" || issue.code === "invalid_element") {
    const [inner] = issue.issues;
    if (inner) return { reason: wording(inner).reason, path: issue.path };
  }
  return { reason: reasonOf(issue), path: issue.path };
}

function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `Expected type ${jsonType(issue.expected)} but found type ${typeOf(issue.input)}`;
    case "invalid_value":
      return `No enum match for: ${text(issue.input)}`;
    case "unrecognized_keys":
      return `Additional properties not allowed: ${issue.keys.join(",")}`;
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      if (issue.format === "regex") {
        const source = (issue.pattern ?? "").replace(/^\/|\/[a-z]*$/g, "");
        return `String does not match pattern ${source}: ${text(issue.input)}`;
      }
      return `Object didn't pass validation for format ${issue.format}: ${text(issue.input)}`;
    case "invalid_union":
      return "Data does not match any schemas from 'oneOf'";
    case "custom":
      return issue.message;
    default:
      return issue.message;
  }
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): string {
  const { origin, minimum, input } = issue;
  if (origin === "string") return `String is too short (${size(input)} chars), minimum ${minimum}`;
  if (origin === "array") return `Array is too short (${size(input)}), minimum ${minimum}`;
  return `Value ${text(input)} is less than minimum ${minimum}`;
}

function tooBig(issue: z.core.$ZodIssueTooBig): string {
  const { origin, maximum, input } = issue;
  if (origin === "string") return `String is too long (${size(input)} chars), maximum ${maximum}`;
  if (origin === "array") return `Array is too long (${size(input)}), maximum ${maximum}`;
  return `Value ${text(input)} is greater than maximum ${maximum}`;
}

function size(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
}

function jsonType(expected: string): string {
  if (expected === "int") return "integer";
  return expected === "record" ? "object" : expected;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** `refresh_token.policies[0].audience`. */
function propertyPath(path: Path): string {
  let written = "";
  for (const part of path) {
    if (typeof part === "number") written += `[${part}]`;
    else written += (written && ".") + String(part);
  }
  return written;
}
