/** @module The Management API v2: every request's way to its endpoint and back. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { TenantContext } from "../context.ts";
import { unavailableManagement as unavailable } from "../unavailable/management.ts";
import { unavailableOperation } from "../unavailable/operation.ts";

import { authorize, type Caller, requireScope } from "./authorize.ts";
import { clientCredentialEndpoints } from "./client-credentials.ts";
import { clientGrantEndpoints } from "./client-grants.ts";
import { clientEndpoints } from "./clients.ts";
import { connectionClientEndpoints } from "./connection-clients.ts";
import { connectionEndpoints } from "./connections.ts";
import { emptyListEndpoints } from "./empty-lists.ts";
import type { Endpoint, ManagementAnswer } from "./endpoint.ts";
import { identityEndpoints } from "./identities.ts";
import { setInertFields } from "./inert-fields.ts";
import { logEndpoints } from "./logs.ts";
import { invalidBody, ManagementError } from "./management-error.ts";
import { promptEndpoints } from "./prompts.ts";
import { rateLimiter } from "./rate-limit.ts";
import { refreshTokenEndpoints } from "./refresh-tokens.ts";
import { resourceServerEndpoints } from "./resource-servers.ts";
import { sessionEndpoints } from "./sessions.ts";
import { signingKeyEndpoints } from "./signing-key-endpoints.ts";
import { statsEndpoints } from "./stats.ts";
import { tenantSettingsEndpoints } from "./tenant-settings.ts";
import { userGrantEndpoints } from "./user-grants.ts";
import { userEndpoints } from "./users.ts";
import { validate } from "./validate.ts";

const base = "/api/v2";

/** Larger than any body that Auth0 takes; a script is 50 kB at most. */
const maxBodyBytes = 1_000_000;

export function managementApp(tenant: TenantContext): Hono {
  const app = new Hono();
  const limiter = rateLimiter(
    () => tenant.settings.managementLimit,
    () => performance.now(),
  );
  app.use(`${base}/*`, async (context, next) => {
    const { refused, headers } = limiter.take();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    if (refused) {
      throw new ManagementError(429, "Global limit has been reached", "too_many_requests");
    }
    await next();
  });
  app.use(
    `${base}/*`,
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new ManagementError(413, `Payload content length greater than ${maxBodyBytes}`);
      },
    }),
  );
  for (const endpoint of managementEndpoints(tenant)) {
    const path = base + endpoint.path.replace(/\{(\w+)\}/g, ":$1");
    app.on(endpoint.method, path, (context) => serve(tenant, endpoint, context));
  }
  app.all(`${base}/*`, async (context) => {
    await authorize(tenant, context.req.header("authorization"));
    const { method, path } = context.req;
    const missing = unavailableOperation(unavailable, method, path.slice(base.length));
    if (missing === undefined) throw new ManagementError(404, `Not Found: ${method} ${path}`);
    tenant.droppedFields.count(missing, "(operation)");
    const message = `The operation ${missing} is not available on this local tenant.`;
    throw new ManagementError(501, message, "not_implemented");
  });
  app.onError((error, context) => {
    if (error instanceof ManagementError) return json(context, error.statusCode, error.body());
    process.stderr.write(`${context.req.method} ${context.req.path}: ${error.stack ?? error}\n`);
    return json(context, 500, {
      statusCode: 500,
      error: "Internal Server Error",
      message: "An internal server error occurred",
    });
  });
  return app;
}

/** Every operation that this tenant has. */
export function managementEndpoints(tenant: TenantContext): Endpoint[] {
  return [
    ...clientEndpoints(tenant),
    ...clientCredentialEndpoints(tenant),
    ...connectionEndpoints(tenant),
    ...connectionClientEndpoints(tenant),
    ...clientGrantEndpoints(tenant),
    ...resourceServerEndpoints(tenant),
    ...userEndpoints(tenant),
    ...identityEndpoints(tenant),
    ...refreshTokenEndpoints(tenant),
    ...sessionEndpoints(tenant),
    ...userGrantEndpoints(tenant),
    ...logEndpoints(tenant),
    ...tenantSettingsEndpoints(tenant),
    ...promptEndpoints(tenant),
    ...signingKeyEndpoints(tenant),
    ...statsEndpoints(tenant),
    ...emptyListEndpoints(),
  ];
}

async function serve(
  tenant: TenantContext,
  endpoint: Endpoint,
  context: Context,
): Promise<Response> {
  const caller = await authorize(tenant, context.req.header("authorization"));
  try {
    requireScope(caller, endpoint.scopes);
    const { query: querySchema, body: bodySchema } = endpoint;
    const query = querySchema && validate(querySchema, queryOf(context), "Query");
    const body = bodySchema && validate(bodySchema, await readJson(context), "Payload");
    const params = context.req.param() as Record<string, string>;
    const answer = await endpoint.answer({ ...caller, params, query, body });
    countInert(tenant, endpoint, body);
    note(tenant, endpoint, caller, context, answer.status);
    return write(context, answer);
  } catch (error) {
    if (error instanceof ManagementError) {
      note(tenant, endpoint, caller, context, error.statusCode, error.message);
    }
    throw error;
  }
}

/** A parameter given twice becomes a list. */
function queryOf(context: Context): Record<string, string | string[]> {
  const entries = Object.entries(context.req.queries());
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  );
}

async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody("Invalid request payload JSON format");
  }
}

function countInert(tenant: TenantContext, endpoint: Endpoint, body: unknown): void {
  for (const field of setInertFields(body, endpoint.inert ?? [])) {
    tenant.droppedFields.count(`${endpoint.method} ${endpoint.path}`, field);
  }
}

/** Auth0 logs what changes something: `sapi`, or `fapi` when it was refused. */
function note(
  tenant: TenantContext,
  endpoint: Endpoint,
  caller: Caller,
  context: Context,
  status: number,
  refusal?: string,
): void {
  if (endpoint.logged === undefined) return;
  const { azp } = caller.claims;
  tenant.log({
    type: refusal === undefined ? "sapi" : "fapi",
    description: endpoint.logged,
    ...(typeof azp === "string" ? { client_id: azp } : {}),
    details: {
      request: { method: context.req.method, path: context.req.path },
      response: { statusCode: status, ...(refusal === undefined ? {} : { message: refusal }) },
    },
  });
}

function write(context: Context, { status, body }: ManagementAnswer): Response {
  if (body === undefined) return context.body(null, status as 204);
  return json(context, status, body);
}

function json(context: Context, status: number, body: unknown): Response {
  context.header("content-type", "application/json; charset=utf-8");
  return context.body(JSON.stringify(body), status as 200);
}
