/** @module Which bodies TokenVault.fetch() sends again: those that can be read twice, and no other. */
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { outgoing } from "../../runtime/guarded-fetch.ts";
import type { Answers, Reply } from "./wire-server.ts";
import { apiServer, errorOf, exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

/** Answers the first request like this and each further one with 200. */
async function setUp(first: Reply) {
  const count = { made: 0 };
  const tenant = await tenantServer(exchanges(count));
  const replies = [first];
  const answers: Answers = () => replies.shift() ?? { json: {} };
  const api = await apiServer(answers);
  return { tenant, vault: vaultAt(tenant), api, count };
}

async function* asyncParts() {
  yield new TextEncoder().encode("once");
}

/** What `fetch` of Node reads and can read no second time. */
const once: [string, () => unknown][] = [
  ["a web stream", () => new Blob(["once"]).stream()],
  ["a stream of Node", () => Readable.from([Buffer.from("once")])],
  ["an async generator", asyncParts],
];

describe("a body that can be read once", () => {
  it.each(
    once.flatMap(([name, body]) =>
      [
        { status: 401 },
        { status: 429, headers: { "retry-after": "0" } },
        { status: 503, headers: { "retry-after": "0" } },
      ].map((first) => [name, first, body] as const),
    ),
  )("of %s is not sent again after %j", async (_, first, body) => {
    const { vault, api, count } = await setUp(first);
    const init = { method: "POST", body: body(), duplex: "half" } as RequestInit;
    const response = await vault.fetch("desk", api.origin, init);
    expect(response.status).toBe(first.status);
    expect(api.seen.map((seen) => seen.body)).toEqual(["once"]);
    expect(count.made).toBe(1);
  });

  it("of a web stream without an iterator, as in an old browser, is not sent again", () => {
    const { prototype } = ReadableStream;
    const iterator = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator);
    Reflect.deleteProperty(prototype, Symbol.asyncIterator);
    try {
      const body = new Blob(["once"]).stream();
      expect(outgoing("https://api.test/", { method: "POST", body }).repeatable).toBe(false);
    } finally {
      Object.defineProperty(prototype, Symbol.asyncIterator, iterator ?? {});
    }
  });

  it.each(once)("of %s is not sent again to where a 307 leads", async (_, body) => {
    const { vault, api } = await setUp({ status: 307, headers: { location: "/elsewhere" } });
    const init = { method: "POST", body: body(), duplex: "half" } as RequestInit;
    const error = await errorOf(vault.fetch("desk", api.origin, init));
    expect(error).toMatchObject({ code: "REDIRECT_REFUSED", status: 307 });
    expect(api.seen.map((seen) => seen.body)).toEqual(["once"]);
  });

  it("of a generator is not sent again after a 401, with a fetch that reads one", async () => {
    const { tenant, api } = await setUp({ status: 401 });
    const vault = vaultAt(tenant, {
      fetch: (input, init) => {
        const body = init?.body as unknown;
        const iterates = typeof body === "object" && body && Symbol.iterator in body;
        return fetch(
          input,
          iterates ? { ...init, body: Buffer.concat([...(body as never)]) } : init,
        );
      },
    });
    const parts = function* () {
      yield Buffer.from("once");
    };
    const init = { method: "POST", body: parts() } as unknown as RequestInit;
    expect((await vault.fetch("desk", api.origin, init)).status).toBe(401);
    expect(api.seen.map((seen) => seen.body)).toEqual(["once"]);
  });

  it.each(once)("of %s needs no duplex, which the vault sets", async (_, body) => {
    const { vault, api } = await setUp({ json: {} });
    const init = { method: "POST", body: body() } as RequestInit;
    expect((await vault.fetch("desk", api.origin, init)).status).toBe(200);
    expect(api.seen.map((seen) => seen.body)).toEqual(["once"]);
  });
});

describe("a body that can be read again", () => {
  const form = new FormData();
  form.set("a", "b");
  it.each<[string, NonNullable<RequestInit["body"]>]>([
    ["text", "a=b"],
    ["URLSearchParams", new URLSearchParams("a=b")],
    ["FormData", form],
    ["a Blob", new Blob(["a=b"])],
    ["a Buffer", Buffer.from("a=b")],
    ["an ArrayBuffer", new TextEncoder().encode("a=b").buffer],
  ])("of %s is sent again after a 401", async (_, body) => {
    const { vault, api } = await setUp({ status: 401 });
    expect((await vault.fetch("desk", api.origin, { method: "POST", body })).status).toBe(200);
    expect(api.seen).toHaveLength(2);
    for (const seen of api.seen) expect(seen.body).toMatch(/a=b|name="a"\s+b/);
  });
});
