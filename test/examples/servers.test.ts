/** @module The server examples against the real tenant and helpdesk, with scripted users. */
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, type DemoUser, demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { expressServer } from "../../examples/express-server.ts";
import { honoServer } from "../../examples/hono-server.ts";
import type { ExampleSettings } from "../../examples/sign-in.ts";
import { CONNECTION, type RealWorld, realWorld } from "../cli/real-world.ts";

type Listener = Parameters<typeof createServer>[1] & {};

const examples: Record<string, (settings: ExampleSettings) => Promise<Listener>> = {
  "hono-server.ts": async (settings) => getRequestListener((await honoServer(settings)).fetch),
  "express-server.ts": expressServer,
};

describe.each(Object.keys(examples))("examples/%s", (name) => {
  let world: RealWorld;
  let baseUrl: string;
  let server: Server;
  /** What the example answered, to whom ever asked. */
  let answers: { path: string; id: string | undefined; status: number; body: string }[] = [];
  let exchanges = 0;

  beforeAll(async () => {
    world = await realWorld();
    const { domain, clientId, clientSecret, helpdeskUrl, callbackPort } = world;
    baseUrl = `http://localhost:${callbackPort}`;
    const callbacks = [`${baseUrl}/callback`, `${baseUrl}/connected`];
    await world.manage("PATCH", `/clients/${clientId}`, { callbacks });
    const heldFetch = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      if (`${init?.body}`.includes("federated-connection-access-token")) exchanges++;
      const response = await heldFetch(input, init);
      const { origin, pathname: path } = new URL(input instanceof Request ? input.url : input);
      if (origin === baseUrl) {
        const [, id] = /session=([\w-]+)/.exec(response.headers.getSetCookie().at(-1) ?? "") ?? [];
        answers.push({ path, id, status: response.status, body: await response.clone().text() });
      }
      return response;
    };
    const settings = { domain, clientId, clientSecret, baseUrl };
    const listener = await examples[name]?.({
      ...settings,
      connection: CONNECTION,
      apiUrl: helpdeskUrl,
    });
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(callbackPort, "localhost", resolve));
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await world?.close();
  });

  /** What /tickets answers to a browser that goes wherever it is sent. */
  async function ticketsOf(user: DemoUser, visit = demoVisitor(user)) {
    answers = [];
    await visit(`${baseUrl}/tickets`);
    const { status, body = "{}" } = answers.at(-1) ?? {};
    const tickets = JSON.parse(body).tickets as unknown[];
    return { way: answers.map(({ path }) => path), status, tickets };
  }

  it("signs in, connects on the way, and shows the user's tickets", async () => {
    const { way, status, tickets } = await ticketsOf(alice);
    expect(way).toEqual([
      "/tickets",
      "/login",
      "/callback",
      "/tickets",
      "/connect",
      "/connected",
      "/tickets",
    ]);
    expect(status).toBe(200);
    expect(tickets.length).toBeGreaterThan(0);
  });

  it("needs no connect in the same user's next browser, and keeps another user's apart", async () => {
    expect((await ticketsOf(alice)).way).not.toContain("/connect");
    const bob = await ticketsOf({ ...alice, email: "bob@acme.test" });
    expect(bob.way).toContain("/connect");
    expect(bob.tickets.length).toBeGreaterThan(0);
  });

  it("makes one exchange for all requests of a signed-in user", async () => {
    const visit = demoVisitor(alice);
    await ticketsOf(alice, visit);
    exchanges = 0;
    for (let count = 0; count < 3; count++) {
      expect((await ticketsOf(alice, visit)).way).toEqual(["/tickets"]);
    }
    expect(exchanges).toBe(0);
  });

  it("gives a session another id when its user signs in, and takes none that it did not give", async () => {
    await ticketsOf(alice);
    const [first, , signedIn] = answers.map(({ id }) => id);
    expect(answers[2]?.path).toBe("/callback");
    expect(signedIn).not.toBe(first);
    for (const id of [first, "chosen-by-somebody-else"]) {
      const headers = { cookie: `session=${id}` };
      const response = await fetch(`${baseUrl}/tickets`, { headers, redirect: "manual" });
      expect(response.headers.get("location")).toBe("/login");
      expect(response.headers.getSetCookie().join()).not.toContain(id);
    }
  });
});
