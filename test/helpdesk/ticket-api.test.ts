/** @module The ticket API: the tutorial's prompts, scopes by endpoint, every refusal. */
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import type { Ticket } from "../../helpdesk/ticket-schemas.ts";
import { bearer, connect, start } from "./connected.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any;
}

let helpdesk: Helpdesk;
const tokens: Record<"alice" | "reader" | "writer" | "neither", string> = {
  alice: "",
  reader: "",
  writer: "",
  neither: "",
};

beforeAll(async () => {
  helpdesk = await start();
  const scopes = {
    alice: "openid profile read:tickets write:tickets",
    reader: "read:tickets",
    writer: "write:tickets",
    neither: "openid profile",
  };
  for (const [name, scope] of Object.entries(scopes)) {
    const { access_token } = await connect(helpdesk, { scope });
    tokens[name as keyof typeof tokens] = access_token;
  }
});
afterAll(() => helpdesk.close());

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = bearer(tokens.alice),
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(helpdesk.url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  const { status } = response;
  return {
    status,
    headers: response.headers,
    body: answer === "" ? undefined : JSON.parse(answer),
  };
}

/** The fields that a refusal names. */
function fields({ body }: Answer): string[] {
  return body.errors.map(({ field }: { field: string }) => field).toSorted();
}

suite("the tutorial's prompts", () => {
  test("lists the open tickets assigned to me", async () => {
    const { body } = await call("GET", "/tickets?assignee=me&status=open");
    expect(body.tickets.map(({ id }: Ticket) => id)).toEqual([31, 33, 39, 42]);
    expect(body).toMatchObject({ total: 4, next: null });
    for (const ticket of body.tickets) {
      expect(ticket).toMatchObject({ assignee: "alice@acme.test", status: "open" });
    }
  });

  test("lists the in-progress tickets on the platform team", async () => {
    const { body } = await call("GET", "/tickets?status=in_progress&team=platform");
    expect(body.tickets.map(({ id }: Ticket) => id)).toEqual([34, 37]);
  });

  test("opens a P1 incident titled 'Checkout 500s spiking' in the payments team", async () => {
    const { status, headers, body } = await call("POST", "/tickets", {
      title: "Checkout 500s spiking",
      priority: "P1",
      type: "incident",
      team: "payments",
    });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/tickets/${body.id}`);
    expect(body).toMatchObject({
      title: "Checkout 500s spiking",
      description: "",
      status: "open",
      priority: "P1",
      type: "incident",
      team: "payments",
      assignee: null,
      reporter: "alice@acme.test",
    });
    expect(body.id).toBeGreaterThan(42);
    expect((await call("GET", `/tickets/${body.id}`)).body).toEqual(body);
  });

  test("marks ticket 42 as resolved", async () => {
    const before = (await call("GET", "/tickets/42")).body;
    expect(before.status).toBe("open");
    const { status, body } = await call("PATCH", "/tickets/42", { status: "resolved" });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, status: "resolved", updated_at: body.updated_at });
    expect(Date.parse(body.updated_at)).toBeGreaterThan(Date.parse(before.updated_at));
    expect((await call("GET", "/tickets/42")).body).toEqual(body);
  });
});

suite("access tokens", () => {
  const requests: [string, string, string, unknown][] = [
    ["GET", "/tickets", "read:tickets", undefined],
    ["GET", "/tickets/31", "read:tickets", undefined],
    ["POST", "/tickets", "write:tickets", { title: "T", team: "it" }],
    ["PATCH", "/tickets/31", "write:tickets", { priority: "P2" }],
  ];

  test.each(requests)(
    "%s %s needs the scope %s and no other",
    async (method, path, scope, body) => {
      const [right, wrong]: [string, string] =
        scope === "read:tickets" ? [tokens.reader, tokens.writer] : [tokens.writer, tokens.reader];
      const as = (token: string) => call(method, path, body, bearer(token));
      expect((await as(right)).status).toBeLessThan(300);
      for (const token of [wrong, tokens.neither]) {
        const refused = await as(token);
        expect([refused.status, refused.body.error, refused.body.scope]).toEqual([
          403,
          "insufficient_scope",
          scope,
        ]);
        const challenge = refused.headers.get("www-authenticate");
        expect(challenge).toMatch(/^Bearer realm="acme-helpdesk", error="insufficient_scope"/);
        expect(challenge).toContain(`scope="${scope}"`);
      }
    },
  );

  test.each(requests)(
    "RFC 6750 3.1: %s %s without a token gets a challenge without an error code",
    async (method, path, scope, body) => {
      const refused = await call(method, path, body, {});
      expect([refused.status, refused.body.error]).toEqual([401, "invalid_token"]);
      expect(refused.headers.get("www-authenticate")).toBe(
        `Bearer realm="acme-helpdesk", scope="${scope}"`,
      );
    },
  );

  test.each([
    ["an unknown token", "Bearer unknown"],
    ["another scheme", "Basic YTpi"],
    ["no value", "Bearer "],
    ["two values", "Bearer a b"],
    ["characters no token has", 'Bearer a"b'],
  ])("refuses %s as invalid_token", async (_what, authorization) => {
    const refused = await call("GET", "/tickets", undefined, { authorization });
    expect([refused.status, refused.body.error]).toEqual([401, "invalid_token"]);
    expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("refuses a refresh token in an access token's place", async () => {
    const { refresh_token = "" } = await connect(helpdesk);
    expect((await call("GET", "/tickets", undefined, bearer(refresh_token))).status).toBe(401);
  });

  test("does not take a token from the query", async () => {
    const refused = await call("GET", `/tickets?access_token=${tokens.alice}`, undefined, {});
    expect(refused.status).toBe(401);
  });

  test("checks the token before the input", async () => {
    expect((await call("POST", "/tickets", "{", {})).status).toBe(401);
    expect((await call("GET", "/tickets/999", undefined, bearer(tokens.neither))).status).toBe(403);
  });
});

suite("GET /tickets", () => {
  test("refuses unknown and wrong parameters, all at once, by name", async () => {
    const refused = await call("GET", "/tickets?colour=red&status=done&limit=0&offset=-1&page=2");
    expect([refused.status, refused.body.error]).toEqual([400, "validation_error"]);
    expect(fields(refused)).toEqual(["colour", "limit", "offset", "page", "status"]);
  });

  test.each([
    ["limit=101", "limit"],
    ["limit=ten", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["status=open&status=closed", "status"],
    ["assignee=alice", "assignee"],
    ["team=Payments", "team"],
    ["priority=1", "priority"],
    ["type=bug", "type"],
    ["q=", "q"],
    ["q=%00", "q"],
  ])("refuses %s", async (query, field) => {
    const refused = await call("GET", `/tickets?${query}`);
    expect(refused.status).toBe(400);
    expect(fields(refused)).toEqual([field]);
  });

  test("names the allowed values", async () => {
    const refused = await call("GET", "/tickets?status=done");
    expect(refused.body.errors[0].message).toContain('"open"|"in_progress"|"resolved"|"closed"');
  });

  test("finds text in any case, also beyond ASCII, and % as itself", async () => {
    const { body } = await call("POST", "/tickets", { title: "ÄRGER mit 100% Last", team: "it" });
    const found = async (q: string) => {
      const answer = await call("GET", `/tickets?q=${encodeURIComponent(q)}`);
      return answer.body.tickets.map(({ id }: Ticket) => id);
    };
    expect(await found("ärger")).toEqual([body.id]);
    expect(await found("100%")).toEqual([body.id]);
    expect(await found("1%0")).toEqual([]);
  });

  test("answers with no tickets to the e-mail of nobody here", async () => {
    const { body } = await call("GET", "/tickets?assignee=nobody@acme.test");
    expect(body).toMatchObject({ tickets: [], total: 0, next: null });
  });
});

suite("GET /tickets/ID", () => {
  test.each(["999", "0", "-1", "4x", "1e1", "9".repeat(30)])("answers 404 to %s", async (id) => {
    const refused = await call("GET", `/tickets/${id}`);
    expect([refused.status, refused.body.error]).toEqual([404, "not_found"]);
    expect(refused.body.message).toContain(id);
  });
});

suite("POST /tickets", () => {
  test("names every wrong field at once", async () => {
    const refused = await call("POST", "/tickets", {
      title: " ",
      priority: "urgent",
      type: 1,
      assignee: "alice",
      status: "open",
      constructor: 1,
    });
    expect([refused.status, refused.body.error]).toEqual([422, "validation_error"]);
    expect(fields(refused)).toEqual([
      "assignee",
      "constructor",
      "priority",
      "status",
      "team",
      "title",
      "type",
    ]);
  });

  test.each([
    ["a list", []],
    ["text", '"title"'],
    ["null", "null"],
  ])("refuses %s as the body", async (_what, body) => {
    const refused = await call("POST", "/tickets", body);
    expect(refused.status).toBe(422);
    expect(fields(refused)).toEqual(["body"]);
  });

  test("refuses a title of more than one line and one that is too long", async () => {
    for (const title of ["two\nlines", "x".repeat(201)]) {
      const refused = await call("POST", "/tickets", { title, team: "it" });
      expect(fields(refused)).toEqual(["title"]);
    }
  });

  test("refuses an assignee who is no user", async () => {
    const body = { title: "T", team: "it", assignee: "mallory@acme.test" };
    const refused = await call("POST", "/tickets", body);
    expect(refused.status).toBe(422);
    expect(fields(refused)).toEqual(["assignee"]);
  });

  test("takes `me` and an e-mail in any case as the assignee", async () => {
    const post = async (assignee: string) =>
      (await call("POST", "/tickets", { title: "T", team: "it", assignee })).body.assignee;
    expect(await post("me")).toBe("alice@acme.test");
    expect(await post("Bob@Acme.Test")).toBe("bob@acme.test");
  });

  test("answers 400 to what is no JSON and 415 to what does not say it is", async () => {
    const broken = await call("POST", "/tickets", '{"title":');
    expect([broken.status, broken.body.error]).toEqual([400, "invalid_json"]);
    const form = { ...bearer(tokens.alice), "content-type": "application/x-www-form-urlencoded" };
    const other = await call("POST", "/tickets", "title=T", form);
    expect([other.status, other.body.error]).toEqual([415, "unsupported_media_type"]);
  });

  test("answers 413 to more than 64 KiB, also when the length is not announced", async () => {
    const body = JSON.stringify({ title: "T", team: "it", description: "x".repeat(70_000) });
    expect((await call("POST", "/tickets", body)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const response = await fetch(`${helpdesk.url}/tickets`, {
      method: "POST",
      headers: { ...bearer(tokens.alice), "content-type": "application/json" },
      body: stream,
      duplex: "half",
    });
    expect(response.status).toBe(413);
  });
});

suite("PATCH /tickets/ID", () => {
  let id: number;
  beforeEach(async () => {
    id = (await call("POST", "/tickets", { title: "T", team: "it", assignee: "bob@acme.test" }))
      .body.id;
  });

  test("changes every field it may and leaves the others", async () => {
    const change = {
      title: "New",
      description: "Line 1\nLine 2",
      status: "closed",
      priority: "P1",
      type: "task",
      team: "support",
      assignee: "carol@acme.test",
    };
    const before = (await call("GET", `/tickets/${id}`)).body;
    const { body } = await call("PATCH", `/tickets/${id}`, change);
    expect(body).toEqual({ ...before, ...change, updated_at: body.updated_at });
  });

  test("takes the assignee away with null, and gives the ticket to `me`", async () => {
    const patch = async (assignee: string | null) =>
      (await call("PATCH", `/tickets/${id}`, { assignee })).body.assignee;
    expect(await patch(null)).toBeNull();
    expect(await patch("me")).toBe("alice@acme.test");
  });

  test.each(["id", "reporter", "created_at", "updated_at", "nonsense"])(
    "refuses the field %s and changes nothing",
    async (field) => {
      const before = (await call("GET", `/tickets/${id}`)).body;
      const refused = await call("PATCH", `/tickets/${id}`, { priority: "P1", [field]: 1 });
      expect(refused.status).toBe(422);
      expect(fields(refused)).toEqual([field]);
      expect((await call("GET", `/tickets/${id}`)).body).toEqual(before);
    },
  );

  test("refuses a body without a field", async () => {
    const refused = await call("PATCH", `/tickets/${id}`, {});
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].message).toContain("title, description, status");
  });

  test("answers 404 to a ticket that is not there", async () => {
    expect((await call("PATCH", "/tickets/9999", { status: "open" })).status).toBe(404);
  });

  test("keeps both of two changes of different fields at once", async () => {
    const changes = [{ status: "closed" }, { priority: "P1" }, { team: "platform" }];
    await Promise.all(changes.map((change) => call("PATCH", `/tickets/${id}`, change)));
    expect((await call("GET", `/tickets/${id}`)).body).toMatchObject(Object.assign({}, ...changes));
  });
});

suite("other requests", () => {
  test("says that it is alive", async () => {
    const { status, body } = await call("GET", "/health", undefined, {});
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", service: "acme-helpdesk", issuer: helpdesk.url });
    expect(Object.keys(body).slice(0, 2)).toEqual(["status", "service"]);
  });

  test("answers 404 with the way to the description", async () => {
    const { status, body } = await call("GET", "/api/tickets");
    expect([status, body.error]).toEqual([404, "not_found"]);
    expect(body.message).toContain("/openapi.json");
  });

  test("answers 405 with the methods that there are", async () => {
    const { status, headers } = await call("DELETE", "/tickets/31");
    expect([status, headers.get("allow")]).toEqual([405, "GET, PATCH"]);
  });
});
