/** @module What a ticket is on the wire: the zod schemas that check, type and document the API. */
import { z } from "zod";

export type Ticket = z.output<typeof ticket>;
export type NewTicket = z.output<typeof newTicket>;
export type TicketChange = z.output<typeof ticketChange>;
export type TicketQuery = z.output<typeof ticketQuery>;

const oneLine = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, "must be one line without control characters");

const title = oneLine.describe("One line");
const description = z
  .string()
  .max(10_000)
  .regex(/^[^\0]*$/, "must not have a NUL character")
  .describe("Plain text");
const status = z.enum(["open", "in_progress", "resolved", "closed"]);
const priority = z.enum(["P1", "P2", "P3", "P4"]).describe("P1 is the most urgent");
const type = z.enum(["incident", "request", "question", "problem", "task"]);
const team = z.enum(["payments", "platform", "identity", "it", "support"]);
const email = z.email().max(254).toLowerCase();
const assignee = z.union([z.literal("me"), email]).describe('A user\'s e-mail, or "me"');

export const ticket = z.strictObject({
  id: z.int().min(1),
  title,
  description,
  status,
  priority,
  type,
  team,
  assignee: z.email().nullable().describe("The user who works on it; null: nobody yet"),
  reporter: z.email().describe("The user who opened it"),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export const newTicket = z.strictObject({
  title,
  team,
  description: description.default(""),
  priority: priority.default("P3"),
  type: type.default("request"),
  assignee: assignee.nullable().default(null),
});

export const ticketChange = z
  .strictObject({ title, description, status, priority, type, team, assignee: assignee.nullable() })
  .partial();

export const ticketQuery = z.strictObject({
  assignee: z
    .union([z.literal("me"), z.literal("unassigned"), email])
    .optional()
    .describe('"me", "unassigned", or an e-mail'),
  status: status.optional(),
  team: team.optional(),
  priority: priority.optional(),
  type: type.optional(),
  q: oneLine.optional().describe("Text in title or description, any case"),
  limit: z.int().min(1).max(100).default(20).describe("Tickets a page"),
  offset: z.int().min(0).max(1_000_000).default(0).describe("Tickets to skip"),
});

export const ticketList = z.strictObject({
  tickets: z.array(ticket),
  total: z.int().min(0).describe("How many match, on all pages together"),
  limit: z.int(),
  offset: z.int(),
  next: z.string().nullable().describe("Path of the next page; null on the last one"),
});

export const problem = z.strictObject({
  error: z.string().describe("A code for programs"),
  message: z.string().describe("What was wrong, and the next step"),
  errors: z
    .array(z.strictObject({ field: z.string(), message: z.string() }))
    .optional()
    .describe("Every wrong field"),
});
