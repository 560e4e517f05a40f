/** @module The Hono example against the real tenant and helpdesk, with the scripted user. */
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, type DemoUser, demoVisitor } from "../../cli/demo-user.ts";
import { honoServer } from "../../examples/hono-server.ts";
import { CONNECTION, type RealWorld, realWorld } from "../cli/real-world.ts";

let world: RealWorld;
let baseUrl: string;
let server: ReturnType<typeof serve>;
const answers: { path: string; status: number; body: string }[] = [];

beforeAll(async () => {
  world = await realWorld();
  const { domain, clientId, clientSecret, helpdeskUrl, callbackPort } = world;
  baseUrl = `http://localhost:${callbackPort}`;
  const callbacks = [`${baseUrl}/callback`, `${baseUrl}/connected`];
  await world.manage("PATCH", `/clients/${clientId}`, { callbacks });
  const settings = { domain, clientId, clientSecret, baseUrl };
  const app = await honoServer({ ...settings, connection: CONNECTION, apiUrl: helpdeskUrl });
  const fetch = async (request: Request) => {
    const response = await app.fetch(request);
    const body = await response.clone().text();
    answers.push({ path: new URL(request.url).pathname, status: response.status, body });
    return response;
  };
  server = serve({ fetch, port: callbackPort, hostname: "localhost" });
});
afterAll(async () => {
  server?.close();
  await world?.close();
});

/** What /tickets answers to a new browser that goes wherever it is sent. */
async function ticketsOf(user: DemoUser) {
  answers.length = 0;
  await demoVisitor(user)(`${baseUrl}/tickets`);
  const last = answers.at(-1);
  return { way: answers.map(({ path }) => path), tickets: JSON.parse(last?.body ?? "{}").tickets };
}

describe("examples/hono-server.ts", () => {
  it("signs in, connects on the way, and shows the user's tickets", async () => {
    const { way, tickets } = await ticketsOf(alice);
    expect(way).toEqual([
      "/tickets",
      "/login",
      "/callback",
      "/tickets",
      "/connect",
      "/connected",
      "/tickets",
    ]);
    expect(tickets.length).toBeGreaterThan(0);
  });

  it("needs no connect in the same user's next browser, and keeps another user's apart", async () => {
    expect((await ticketsOf(alice)).way).not.toContain("/connect");
    const bob = await ticketsOf({ ...alice, email: "bob@acme.test" });
    expect(bob.way).toContain("/connect");
    expect(bob.tickets.length).toBeGreaterThan(0);
  });
});
