/** @module The controls over HTTP, below /owner/controls; the owner's token is checked before. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { ManagementError } from "../management/management-error.ts";
import type { Controls } from "./controls.ts";
import { faultSchema } from "./faults.ts";
import { rateProfiles } from "./rate-limits.ts";

const clockBody = z.union([
  z.strictObject({ offset_seconds: z.int() }),
  z.strictObject({ advance_seconds: z.int() }),
  z.strictObject({ at: z.iso.datetime({ offset: true }) }),
]);

const limit = z.strictObject({ perSecond: z.number().positive(), burst: z.int().min(1) });
const limitBody = z.union([
  z.strictObject({ profile: z.enum(Object.keys(rateProfiles) as [keyof typeof rateProfiles]) }),
  z.strictObject({
    management: limit.optional(),
    authentication: limit.optional(),
    token: limit.optional(),
    jwks: limit.optional(),
  }),
]);

export function controlsApp(tenant: TenantContext): Hono {
  const app = new Hono();
  const base = "/owner/controls";
  const use = (context: Context): Controls => {
    requireLoopbackName(tenant, context);
    if (tenant.controls !== undefined) return tenant.controls;
    throw new ManagementError(
      404,
      "The controls are off. Start the tenant with them: tvk tenant start --controls on, or startTenant({ controls: true })",
      "controls_off",
    );
  };
  app.get(base, (context) => context.json(shown(use(context))));
  app.post(`${base}/faults`, async (context) => {
    const { faults } = use(context);
    return context.json(faults.add(await read(context, faultSchema)), 201);
  });
  app.delete(`${base}/faults`, (context) => {
    use(context).faults.clear();
    return context.body(null, 204);
  });
  app.delete(`${base}/faults/:id`, (context) => {
    if (use(context).faults.remove(context.req.param("id"))) return context.body(null, 204);
    throw new ManagementError(404, "There is no fault with this id", "inexistent_fault");
  });
  app.put(`${base}/clock`, async (context) => {
    const { clock } = use(context);
    const body = await read(context, clockBody);
    try {
      if ("offset_seconds" in body) clock.set(body.offset_seconds);
      else if ("advance_seconds" in body) clock.advance(body.advance_seconds);
      else clock.advance(Math.floor(Date.parse(body.at) / 1000) - clock.now());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ManagementError(400, error.message, "invalid_body");
    }
    return context.json(shown(use(context)).clock);
  });
  app.delete(`${base}/clock`, (context) => {
    use(context).clock.reset();
    return context.body(null, 204);
  });
  app.put(`${base}/rate-limit`, async (context) => {
    const { limits } = use(context);
    const body = await read(context, limitBody);
    limits.set("profile" in body ? body.profile : withoutUndefined(body));
    return context.json(limits.current());
  });
  app.delete(`${base}/rate-limit`, (context) => {
    use(context).limits.set(undefined);
    return context.body(null, 204);
  });
  return app;
}

function shown({ faults, clock, limits }: Controls) {
  const now = clock.now();
  return {
    faults: faults.list(),
    clock: { now: new Date(now * 1000).toISOString(), offset_seconds: clock.offset() },
    rate_limit: limits.current() ?? null,
  };
}

/** A tunnel or a proxy leads others here by a name of its own: for them there are no controls. */
function requireLoopbackName(tenant: TenantContext, context: Context): void {
  const { hostname } = new URL(context.req.url);
  const host = new URL(`https://${context.req.header("host") ?? hostname}`).hostname;
  if (["localhost", "127.0.0.1", "[::1]"].includes(host)) return;
  throw new ManagementError(
    403,
    `The controls are for this machine: ask https://${tenant.settings.domain}`,
    "controls_off_loopback",
  );
}

async function read<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await context.req.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ManagementError(400, "Invalid request payload JSON format", "invalid_body");
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the body"}: ${message}`,
  );
  throw new ManagementError(400, problems.join("; "), "invalid_body");
}

function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
