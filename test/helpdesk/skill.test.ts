/** @module The agent skill: valid by the agentskills.io rules, and true to the API. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { parse } from "yaml";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import { newTicket, ticket, ticketChange, ticketQuery } from "../../helpdesk/ticket-schemas.ts";
import { bearer, connect, start } from "./connected.ts";

const text = readFileSync(new URL("../../skills/acme-helpdesk/SKILL.md", import.meta.url), "utf8");
const [, frontMatter = "", body = ""] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
const skill = parse(frontMatter) as Record<string, unknown>;

suite("skills/acme-helpdesk", () => {
  test("has a name that is its folder's and fits the rules", () => {
    expect(skill["name"]).toBe("acme-helpdesk");
    expect(skill["name"]).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test("keeps to the limits of its fields", () => {
    expect(String(skill["description"]).length).toBeLessThanOrEqual(1024);
    expect(String(skill["compatibility"]).length).toBeLessThanOrEqual(500);
    expect(skill["license"]).toBe("MIT");
    expect(skill["allowed-tools"]).toBe("Bash(tvk *)");
    for (const value of Object.values(skill["metadata"] ?? {})) expect(typeof value).toBe("string");
    const known = "name description license compatibility allowed-tools metadata".split(" ");
    expect(Object.keys(skill).filter((key) => !known.includes(key))).toEqual([]);
  });

  test("says in the description what people ask for", () => {
    for (const words of ["tickets assigned to me", "in-progress", "P1 incident", "ticket 42"]) {
      expect(skill["description"]).toContain(words);
    }
  });

  test("names every filter, field and allowed value of the API", () => {
    const names = [ticketQuery, newTicket, ticketChange, ticket].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    const { status, priority, type, team } = ticket.shape;
    const values = [status, priority, type, team].flatMap(({ options }) => options as string[]);
    const missing = [...names, ...values].filter((name) => !body.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});

suite("the skill's examples", () => {
  let helpdesk: Helpdesk;
  let authorization: Record<string, string>;
  beforeAll(async () => {
    helpdesk = await start();
    authorization = bearer((await connect(helpdesk)).access_token);
  });
  afterAll(() => helpdesk.close());

  const block = /```bash\n(.*?)```/s.exec(body)?.[1] ?? "";
  const examples = block.replaceAll("\\\n", " ").trim().split("\n");

  test("are four, for the tutorial's four prompts", () => {
    expect(examples).toHaveLength(4);
  });

  test.each(examples)("is answered with a ticket or more: %s", async (example) => {
    const path = /"\$HELPDESK_URL(\/[^"]*)"/.exec(example)?.[1] ?? "";
    const method = / -X (\w+)/.exec(example)?.[1] ?? "GET";
    const header = / -H "([\w-]+): ([^"]+)"/.exec(example);
    const data = / -d '([^']+)'/.exec(example)?.[1];
    expect(example.startsWith("tvk --json fetch acme-helpdesk ")).toBe(true);
    const response = await fetch(helpdesk.url + path, {
      method,
      headers: { ...authorization, ...(header ? { [header[1] ?? ""]: header[2] ?? "" } : {}) },
      ...(data === undefined ? {} : { body: data }),
    });
    expect(response.ok).toBe(true);
    const answer = (await response.json()) as { id?: number; total?: number };
    expect(answer.id ?? answer.total).toBeGreaterThan(0);
  });
});
