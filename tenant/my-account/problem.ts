/** @module A refusal in the dialect of the My Account API. */
import type { Context } from "hono";

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 501;

/** One thing that is wrong with the request. */
export interface ValidationError {
  readonly detail: string;
  /** JSON pointer into the body. */
  readonly pointer?: string;
  readonly field?: string;
  readonly source?: "body" | "query" | "path";
}

/** Answered as `{type, status, title, detail, validation_errors?}` with type application/json. */
export class Problem extends Error {
  readonly status: Status;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly validationErrors: readonly ValidationError[];

  constructor(
    status: Status,
    code: string,
    title: string,
    detail: string,
    validationErrors: readonly ValidationError[] = [],
  ) {
    super(`${title}: ${detail}`);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.validationErrors = validationErrors;
  }
}

export function validationProblem(errors: readonly ValidationError[]): Problem {
  return new Problem(
    400,
    "A0E-400-0003",
    "Validation Error",
    "Invalid request payload input",
    errors,
  );
}

export function badRequest(detail: string): Problem {
  return new Problem(400, "A0E-400-0001", "Bad Request", detail);
}

export function notFound(detail: string): Problem {
  return new Problem(404, "A0E-404-0001", "Not Found", detail);
}

/** An operation that Auth0 has and this tenant lacks. */
export function notImplemented(operation: string): Problem {
  const detail = `The operation ${operation} is not available on this local tenant.`;
  return new Problem(501, "A0E-501-0001", "Not Implemented", detail);
}

export function answerProblem(context: Context, problem: Problem): Response {
  context.header("Cache-Control", "no-store");
  return context.json(
    {
      type: `https://auth0.com/api-errors/${problem.code}`,
      status: problem.status,
      title: problem.title,
      detail: problem.detail,
      ...(problem.validationErrors.length === 0
        ? {}
        : { validation_errors: problem.validationErrors }),
    },
    problem.status,
  );
}
