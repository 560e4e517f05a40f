/** @module `fields` and `include_fields`: which keys of an object an answer has. */
import { z } from "zod";
import { queryBoolean } from "./validate.ts";

export interface FieldsQuery {
  fields?: string | undefined;
  include_fields?: boolean | undefined;
}

/** The two parameters; with `known`, any other field name is refused as Auth0's pattern does. */
export function fieldsParameters(known?: readonly string[]) {
  const list = z
    .string()
    .refine((text) => !known || text.split(",").every((f) => known.includes(f)), {
      error: (issue) => `String does not match pattern of known fields: ${String(issue.input)}`,
    });
  return { fields: list.optional(), include_fields: queryBoolean() };
}

/** @param always Keys that Auth0 answers even when they were not asked for. */
export function selectFields<T extends object>(
  value: T,
  query: FieldsQuery,
  always: readonly string[] = [],
): Partial<T> {
  if (query.fields === undefined || query.fields === "") return value;
  const named = new Set(query.fields.split(","));
  const include = query.include_fields !== false;
  const kept = Object.entries(value).filter(
    ([key]) => named.has(key) === include || (include && always.includes(key)),
  );
  return Object.fromEntries(kept) as Partial<T>;
}
