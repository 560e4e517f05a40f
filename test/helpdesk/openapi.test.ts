/** @module The description at /openapi.json: true to what the API answers. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import { bearer, connect, start } from "./connected.ts";

interface Operation {
  readonly parameters?: { name: string; in: string }[];
  readonly requestBody?: { content: { "application/json": { schema: { $ref: string } } } };
  readonly responses: Record<
    string,
    { content?: { "application/json": { schema?: { $ref: string } } } }
  >;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

suite("/openapi.json", () => {
  let helpdesk: Helpdesk;
  let description: Description;
  let headers: Record<string, string>;
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);

  beforeAll(async () => {
    helpdesk = await start();
    description = (await (await fetch(`${helpdesk.url}/openapi.json`)).json()) as Description;
    headers = bearer((await connect(helpdesk)).access_token);
    for (const [name, schema] of Object.entries(description.components.schemas)) {
      ajv.addSchema(schema, name);
    }
  });
  afterAll(() => helpdesk.close());

  function problems(schema: string, value: unknown): unknown {
    const validate = ajv.getSchema(schema);
    return validate?.(value) ? [] : validate?.errors;
  }

  const requests: [string, string, string, unknown, number][] = [
    ["get", "/tickets", "/tickets?assignee=me&limit=2", undefined, 200],
    ["get", "/tickets", "/tickets?nonsense=1", undefined, 400],
    ["get", "/tickets/{id}", "/tickets/31", undefined, 200],
    ["get", "/tickets/{id}", "/tickets/35", undefined, 200],
    ["get", "/tickets/{id}", "/tickets/999", undefined, 404],
    ["post", "/tickets", "/tickets", { title: "T", team: "it" }, 201],
    ["post", "/tickets", "/tickets", { title: "" }, 422],
    ["patch", "/tickets/{id}", "/tickets/31", { assignee: null }, 200],
    ["patch", "/tickets/{id}", "/tickets/31", {}, 422],
    ["patch", "/tickets/{id}", "/tickets/999", {}, 404],
  ];

  test.each(requests)(
    "has the answer of %s %s to %s %j: %i",
    async (method, template, path, body, status) => {
      const response = await fetch(helpdesk.url + path, {
        method: method.toUpperCase(),
        headers: { ...headers, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(response.status).toBe(status);
      const described = description.paths[template]?.[method]?.responses[String(status)];
      const schema = described?.content?.["application/json"].schema?.$ref.split("/").at(-1);
      expect(schema).toBeDefined();
      expect(problems(schema ?? "", await response.json())).toEqual([]);
    },
  );

  test("has the refusals of tokens, as Problem", async () => {
    for (const [path, operations] of Object.entries(description.paths)) {
      if (path === "/health") continue;
      for (const [method, { responses }] of Object.entries(operations)) {
        if (method === "parameters") continue;
        expect([method, path, Object.keys(responses)]).toEqual([
          method,
          path,
          expect.arrayContaining(["401", "403"]),
        ]);
      }
    }
    const refused = await fetch(`${helpdesk.url}/tickets`);
    expect(problems("Problem", await refused.json())).toMatchObject([]);
  });

  test("describes bodies as the API takes them", () => {
    expect(problems("NewTicket", { title: "T", team: "it" })).toEqual([]);
    expect(problems("NewTicket", { title: "T" })).not.toEqual([]);
    expect(problems("NewTicket", { title: "T", team: "it", status: "open" })).not.toEqual([]);
    expect(problems("TicketChange", { assignee: "me" })).toEqual([]);
    expect(problems("TicketChange", { id: 1 })).not.toEqual([]);
  });

  test("describes every filter", () => {
    const names = description.paths["/tickets"]?.["get"]?.parameters?.map(({ name }) => name);
    expect(names).toEqual("assignee status team priority type q limit offset".split(" "));
  });

  test("describes the way to a token with absolute URLs and all scopes", () => {
    expect(description.components.securitySchemes["oauth2"]).toMatchObject({
      flows: {
        authorizationCode: {
          authorizationUrl: `${helpdesk.url}/authorize`,
          tokenUrl: `${helpdesk.url}/token`,
          scopes: { "read:tickets": expect.any(String), "write:tickets": expect.any(String) },
        },
      },
    });
  });

  test("refers only to what is there", () => {
    const text = JSON.stringify(description);
    for (const [, name = ""] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(description.components.schemas).toHaveProperty(name);
    }
  });
});
