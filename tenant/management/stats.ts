/** @module /stats: logins and sign-ups, counted from the log. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { logEntries } from "../log-entries.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";

const day = () =>
  z
    .string()
    .regex(/^\d{8}$/)
    .optional();

/** Days that count as active. */
const activeDays = 30;

export function statsEndpoints(tenant: TenantContext): Endpoint[] {
  const rows = () => {
    tenant.flushLog();
    return logEntries(tenant.store);
  };
  return [
    endpoint({
      method: "GET",
      path: "/stats/daily",
      scopes: ["read:stats"],
      query: z.strictObject({ from: day(), to: day() }),
      answer({ query }) {
        const days = new Map<string, { logins: number; signups: number }>();
        for (const { date, type } of rows()) {
          const key = date.slice(0, 10);
          const plain = key.replaceAll("-", "");
          if (plain < (query.from ?? "") || plain > (query.to ?? "99999999")) continue;
          const counted = days.get(key) ?? { logins: 0, signups: 0 };
          if (type === "s") counted.logins += 1;
          if (type === "ss") counted.signups += 1;
          days.set(key, counted);
        }
        const body = [...days].map(([key, { logins, signups }]) => {
          const date = `${key}T00:00:00.000Z`;
          return { date, logins, signups, leaked_passwords: 0, created_at: date, updated_at: date };
        });
        return { status: 200, body };
      },
    }),
    endpoint({
      method: "GET",
      path: "/stats/active-users",
      scopes: ["read:stats"],
      answer() {
        const since = new Date((tenant.now() - activeDays * 86_400) * 1000).toISOString();
        const active = rows().filter(({ date, type }) => type === "s" && date >= since);
        return { status: 200, body: new Set(active.map((row) => row.user_id)).size };
      },
    }),
  ];
}
