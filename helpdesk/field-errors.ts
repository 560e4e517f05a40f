/** @module What is wrong with an input, field by field, from a zod error. */
import type { z } from "zod";

export interface FieldError {
  /** Name of the field; `body` for the whole. */
  readonly field: string;
  readonly message: string;
}

/** One entry for each wrong field and each unknown one, in the order in which zod reports them. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ field: key, message: "is not a known field" }));
    }
    return [{ field: issue.path.map(String).join(".") || "body", message: messageOf(issue) }];
  });
}

/** zod's text, but a union's own says nothing: the alternatives' texts, joined. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  const texts = issue.errors.flat().map((inner) => inner.message);
  return texts.length === 0 ? issue.message : [...new Set(texts)].join("; or: ");
}
