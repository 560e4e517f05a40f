/** @module Checks a JSON body against its schema, and names everything that is wrong with it. */
import type { Context } from "hono";
import type { z } from "zod";
import { bodyText, maxBodyBytes } from "../body-text.ts";
import { Problem, type ValidationError, validationProblem } from "./problem.ts";

/** @throws {Problem} 415 for another type, 400 with every error. */
export async function readBody<T extends z.ZodType>(
  context: Context,
  schema: T,
): Promise<z.output<T>> {
  const type = (context.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem(
      415,
      "A0E-415-0001",
      "Unsupported Media Type",
      "Content-Type must be application/json",
    );
  }
  const text = await bodyText(context);
  if (text === undefined) {
    const detail = `The request body is longer than ${maxBodyBytes} bytes`;
    throw new Problem(413, "A0E-413-0001", "Payload Too Large", detail);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw validationProblem([{ detail: "the body is not JSON", pointer: "", source: "body" }]);
  }
  const { data, error } = schema.safeParse(body);
  if (error !== undefined) throw validationProblem(error.issues.flatMap((issue) => explain(issue)));
  return data as z.output<T>;
}

/** In the words that Auth0's validator uses, where they are known. */
function explain(issue: z.core.$ZodIssue): ValidationError[] {
  const pointer = issue.path.map((part) => `/${String(part)}`).join("");
  const field = issue.path.map(String).join(".");
  const data = `data${pointer}`;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      detail: `${data} must NOT have additional properties`,
      pointer: `${pointer}/${key}`,
      field: key,
      source: "body",
    }));
  }
  if (issue.code === "invalid_type" && issue.input === undefined && issue.path.length > 0) {
    const parent = `data${issue.path
      .slice(0, -1)
      .map((part) => `/${String(part)}`)
      .join("")}`;
    const name = String(issue.path.at(-1));
    return [
      {
        detail: `${parent} must have required property '${name}'`,
        pointer: "",
        field,
        source: "body",
      },
    ];
  }
  return [{ detail: `${data} ${issue.message}`, pointer, field, source: "body" }];
}
