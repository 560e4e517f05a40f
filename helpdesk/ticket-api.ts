/** @module The ticket API: the routes below /tickets. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import type { Accounts } from "./accounts.ts";
import { type BearerOptions, type BearerVariables, requireScope } from "./bearer.ts";
import { type FieldError, fieldErrors } from "./field-errors.ts";
import { newTicket, type TicketQuery, ticketChange, ticketQuery } from "./ticket-schemas.ts";
import type { Tickets } from "./tickets.ts";

export interface TicketApiOptions extends BearerOptions {
  readonly tickets: Tickets;
  readonly accounts: Accounts;
}

type TicketContext = Context<{ Variables: BearerVariables }>;

const maxBodyBytes = 64 * 1024;

/** The routes; every one checks the access token and its scope before it looks at anything else. */
export function ticketApi(options: TicketApiOptions): Hono<{ Variables: BearerVariables }> {
  const { tickets } = options;
  const app = new Hono<{ Variables: BearerVariables }>();
  const read = requireScope("read:tickets", options);
  const write = requireScope("write:tickets", options);
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (context) =>
      problem(context, 413, "body_too_large", `the body has more than ${maxBodyBytes} bytes`),
  });

  app.use(async (context, next) => {
    await next();
    context.header("Cache-Control", "no-store");
  });

  app.get("/", read, (context) => {
    const { values, errors } = readQuery(context);
    const checked = check(ticketQuery, values, errors);
    if ("errors" in checked) return invalid(context, 400, checked.errors);
    const { data: query } = checked;
    const { tickets: found, total } = tickets.list(query, context.get("user").email);
    const { limit, offset } = query;
    return context.json({ tickets: found, total, limit, offset, next: nextPage(query, total) });
  });

  app.post("/", write, limit, async (context) => {
    const body = await readBody(context);
    if (body instanceof Response) return body;
    const checked = check(newTicket, body.value);
    if ("errors" in checked) return invalid(context, 422, checked.errors);
    const assigned = toUser(options, context, checked.data.assignee);
    if ("errors" in assigned) return invalid(context, 422, assigned.errors);
    const me = context.get("user").email;
    const created = tickets.create({ ...checked.data, assignee: assigned.email ?? null }, me);
    context.header("Location", `/tickets/${created.id}`);
    return context.json(created, 201);
  });

  app.get("/:id", read, (context) => {
    const found = tickets.find(idOf(context));
    return found === undefined ? noSuchTicket(context) : context.json(found);
  });

  app.patch("/:id", write, limit, async (context) => {
    const id = idOf(context);
    if (tickets.find(id) === undefined) return noSuchTicket(context);
    const body = await readBody(context);
    if (body instanceof Response) return body;
    const checked = check(ticketChange, body.value);
    if ("errors" in checked) return invalid(context, 422, checked.errors);
    if (Object.keys(checked.data).length === 0) {
      const message = `names no field: give at least one of ${Object.keys(ticketChange.shape).join(", ")}`;
      return invalid(context, 422, [{ field: "body", message }]);
    }
    const assigned = toUser(options, context, checked.data.assignee);
    if ("errors" in assigned) return invalid(context, 422, assigned.errors);
    const { email: assignee } = assigned;
    const change = { ...checked.data, ...(assignee === undefined ? {} : { assignee }) };
    return context.json(tickets.change(id, change));
  });

  app.all("/", (context) => noSuchMethod(context, "GET, POST"));
  app.all("/:id", (context) => noSuchMethod(context, "GET, PATCH"));
  return app;
}

/** Every value as the schemas have it: digits of a number become one; a name given twice is an error. */
function readQuery(context: Context): { values: Record<string, unknown>; errors: FieldError[] } {
  const values: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [name, [value = "", ...more]] of Object.entries(context.req.queries())) {
    if (more.length > 0) errors.push({ field: name, message: "is given more than once" });
    const numeric = (name === "limit" || name === "offset") && /^-?\d{1,9}$/.test(value);
    values[name] = numeric ? Number(value) : value;
  }
  return { values, errors };
}

async function readBody(context: Context): Promise<{ value: unknown } | Response> {
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return problem(context, 415, "unsupported_media_type", "send the body as application/json");
  }
  try {
    return { value: await context.req.json() };
  } catch {
    return problem(context, 400, "invalid_json", "the body is not valid JSON");
  }
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  errors: readonly FieldError[] = [],
): { data: z.output<Schema> } | { errors: FieldError[] } {
  const result = schema.safeParse(value);
  if (result.success && errors.length === 0) return { data: result.data };
  return { errors: [...errors, ...(result.error ? fieldErrors(result.error) : [])] };
}

/** Nothing where the request says nothing; null where it takes the assignee away. */
function toUser(
  { accounts }: TicketApiOptions,
  context: TicketContext,
  assignee: string | null | undefined,
): { email: string | null | undefined } | { errors: FieldError[] } {
  if (assignee === "me") return { email: context.get("user").email };
  if (typeof assignee !== "string" || accounts.hasEmail(assignee)) return { email: assignee };
  const message = 'is not a user of the helpdesk: give a user\'s e-mail, "me" or null';
  return { errors: [{ field: "assignee", message }] };
}

function nextPage(query: TicketQuery, total: number): string | null {
  const offset = query.offset + query.limit;
  if (offset >= total) return null;
  const filters = Object.entries({ ...query, offset })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string] => [name, String(value)]);
  return `/tickets?${new URLSearchParams(filters)}`;
}

/** 0, which no ticket has, for what is no number. */
function idOf(context: Context): number {
  const text = context.req.param("id") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function noSuchTicket(context: Context): Response {
  const id = context.req.param("id");
  return problem(context, 404, "not_found", `there is no ticket ${id}: list them at /tickets`);
}

function noSuchMethod(context: Context, allowed: string): Response {
  context.header("Allow", allowed);
  const message = `${context.req.method} is not supported here: use ${allowed}`;
  return problem(context, 405, "method_not_allowed", message);
}

function invalid(context: Context, status: 400 | 422, errors: readonly FieldError[]): Response {
  const fields = [...new Set(errors.map(({ field }) => field))].join(", ");
  const where = status === 400 ? "query" : "body";
  const message = `the ${where} is wrong in: ${fields}`;
  return context.json({ error: "validation_error", message, errors }, status);
}

function problem(
  context: Context,
  status: 400 | 404 | 405 | 413 | 415,
  error: string,
  message: string,
): Response {
  return context.json({ error, message }, status);
}
