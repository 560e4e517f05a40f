/** @module Filters and paging against a model: what a plain filter over all tickets would give. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import type { Ticket } from "../../helpdesk/ticket-schemas.ts";
import { bearer, connect, start } from "./connected.ts";

interface Page {
  readonly tickets: Ticket[];
  readonly total: number;
  readonly next: string | null;
}

type Filters = { readonly [Name in keyof typeof filters]?: string | undefined };

const me = "alice@acme.test";

const filters = {
  assignee: fc.constantFrom("me", "unassigned", me, "bob@acme.test", "nobody@acme.test"),
  status: fc.constantFrom("open", "in_progress", "resolved", "closed"),
  team: fc.constantFrom("payments", "platform", "identity", "it", "support"),
  priority: fc.constantFrom("P1", "P2", "P3", "P4"),
  type: fc.constantFrom("incident", "request", "question", "problem", "task"),
  q: fc.oneof(
    fc.constantFrom("VPN", "the", "twice.", "%", "_", "'", "éa", " "),
    fc.string({ minLength: 1, maxLength: 3 }),
  ),
};

/** Up to three of the filters. */
const someFilters = fc.record(filters, { requiredKeys: [] });

suite("GET /tickets", () => {
  let helpdesk: Helpdesk;
  let headers: Record<string, string>;
  let all: Ticket[];

  beforeAll(async () => {
    helpdesk = await start();
    headers = bearer((await connect(helpdesk)).access_token);
    for (const title of ["50% off", "under_score", "Éa é", "O'Hara"]) {
      await fetch(`${helpdesk.url}/tickets`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ title, team: "support", assignee: "me" }),
      });
    }
    all = (await page("/tickets?limit=100")).tickets;
  });
  afterAll(() => helpdesk.close());

  async function page(path: string): Promise<Page> {
    const response = await fetch(helpdesk.url + path, { headers });
    expect(response.status).toBe(200);
    return (await response.json()) as Page;
  }

  test("gives each ticket that matches every filter, and no other, in the order of ids", async () => {
    expect(all).toHaveLength(16);
    await fc.assert(
      fc.asyncProperty(someFilters, async (chosen) => {
        fc.pre(chosen.q === undefined || chosen.q.trim() !== "");
        const { tickets, total } = await page(`/tickets?limit=100&${query(chosen)}`);
        const expected = all.filter((ticket) => matches(ticket, chosen));
        expect(tickets).toEqual(expected);
        expect(total).toBe(expected.length);
      }),
      { numRuns: 200 },
    );
  });

  test("gives every ticket once when `next` is followed, whatever the page size", async () => {
    const sizes = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.record({ status: filters.status }, { requiredKeys: [] }),
        async (limit, chosen) => {
          const seen: Ticket[] = [];
          let path: string | null = `/tickets?limit=${limit}&${query(chosen)}`;
          while (path !== null) {
            const { tickets, next }: Page = await page(path);
            expect(tickets.length).toBeLessThanOrEqual(limit);
            seen.push(...tickets);
            path = next;
          }
          expect(seen).toEqual(all.filter((ticket) => matches(ticket, chosen)));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("gives twenty a page, unless told", async () => {
    expect(await page("/tickets")).toMatchObject({ limit: 20, offset: 0, total: 16, next: null });
    expect((await page("/tickets?offset=1000")).tickets).toEqual([]);
  });
});

function query(chosen: Filters): string {
  return new URLSearchParams(
    Object.entries(chosen).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();
}

function matches(ticket: Ticket, { assignee, q, ...exact }: Filters): boolean {
  const who = { me, unassigned: null }[assignee ?? ""];
  const text = `${ticket.title}\n${ticket.description}`.toLowerCase();
  return (
    (assignee === undefined || ticket.assignee === (who === undefined ? assignee : who)) &&
    (q === undefined || text.includes(q.trim().toLowerCase())) &&
    Object.entries(exact).every(
      ([name, value]) => value === undefined || ticket[name as keyof Ticket] === value,
    )
  );
}
