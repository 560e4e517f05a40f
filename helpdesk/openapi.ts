/** @module The API's description, made from the schemas that check it: GET /openapi.json. */
import { z } from "zod";
import { scopes } from "./scopes.ts";
import {
  newTicket,
  problem,
  ticket,
  ticketChange,
  ticketList,
  ticketQuery,
} from "./ticket-schemas.ts";

type Json = Record<string, unknown>;

const schemas = {
  Ticket: z.toJSONSchema(ticket),
  TicketList: z.toJSONSchema(ticketList),
  NewTicket: z.toJSONSchema(newTicket, { io: "input" }),
  TicketChange: z.toJSONSchema(ticketChange, { io: "input" }),
  Problem: z.toJSONSchema(problem),
};

const refusals = {
  400: "The query is wrong, or the body is no JSON",
  401: "There is no access token, or it is not alive",
  403: "The access token lacks the scope",
  404: "There is no such ticket",
  413: "The body is too large",
  415: "The body does not say that it is JSON",
  422: "Fields of the body are wrong; every one is named",
};

/** The OpenAPI 3.1 document. @param origin Where the API is, for the browser. */
export function openapi(origin: string): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Acme Helpdesk",
      version: "1.0.0",
      description: "Tickets of the internal helpdesk. Every call is made as the signed-in user.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: origin }],
    paths: {
      "/health": { get: health() },
      "/tickets": {
        get: operation("listTickets", "Lists tickets", "read:tickets", [200, "TicketList"], {
          parameters: queryParameters(),
          refused: [400],
        }),
        post: operation("openTicket", "Opens a ticket", "write:tickets", [201, "Ticket"], {
          body: "NewTicket",
          refused: [400, 413, 415, 422],
        }),
      },
      "/tickets/{id}": {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
        get: operation("readTicket", "Reads a ticket", "read:tickets", [200, "Ticket"], {
          refused: [404],
        }),
        patch: operation("changeTicket", "Changes a ticket", "write:tickets", [200, "Ticket"], {
          body: "TicketChange",
          refused: [400, 404, 413, 415, 422],
        }),
      },
    },
    components: { schemas, securitySchemes: { oauth2: security(origin) } },
  };
}

interface OperationParts {
  readonly parameters?: Json[];
  /** Name of the body's schema. */
  readonly body?: keyof typeof schemas;
  /** Besides those of the access token. */
  readonly refused: readonly (keyof typeof refusals)[];
}

function operation(
  operationId: string,
  summary: string,
  scope: keyof typeof scopes,
  [status, answer]: [number, keyof typeof schemas],
  { parameters, body, refused }: OperationParts,
): Json {
  const answers = ([401, 403, ...refused] as const).map(
    (each) => [each, response("Problem", refusals[each])] as const,
  );
  return {
    operationId,
    summary,
    security: [{ oauth2: [scope] }],
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: true, content: content(body) } }),
    responses: { [status]: response(answer, summary), ...Object.fromEntries(answers) },
  };
}

function queryParameters(): Json[] {
  const { properties = {} } = z.toJSONSchema(ticketQuery, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

function health(): Json {
  return {
    operationId: "health",
    summary: "Says that the helpdesk is alive",
    security: [],
    responses: { 200: { description: "Alive", content: { "application/json": {} } } },
  };
}

function security(origin: string): Json {
  return {
    type: "oauth2",
    flows: {
      authorizationCode: {
        authorizationUrl: `${origin}/authorize`,
        tokenUrl: `${origin}/token`,
        refreshUrl: `${origin}/token`,
        scopes,
      },
    },
  };
}

function response(name: keyof typeof schemas, description: string): Json {
  return { description, content: content(name) };
}

function content(name: keyof typeof schemas): Json {
  return { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
}
