/** The controls: faults, the clock and the plans' limits, in the process and over HTTP. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, suite, test } from "vitest";
import type { Controls } from "../../../tenant/controls/controls.ts";
import type { Fault } from "../../../tenant/controls/fault.ts";
import { type StartedTenant, startTenant } from "../../../tenant/start-tenant.ts";
import { managementOf, ownerCall, ownerToken, trustTenant } from "../owner/management-of.ts";

const dir = mkdtempSync(join(tmpdir(), "tvk-controls-"));
let tenant: StartedTenant;
let controls: Controls;

beforeAll(async () => {
  tenant = await startTenant({ dir, port: 0, controls: true });
  if (tenant.controls === undefined) throw new Error("no controls");
  controls = tenant.controls;
  trustTenant(tenant);
});
afterEach(() => {
  controls.faults.clear();
  controls.clock.reset();
  controls.limits.set(undefined);
});
afterAll(async () => {
  await tenant.close();
  rmSync(dir, { recursive: true, force: true });
});

const get = (path: string, init?: RequestInit) => fetch(tenant.url + path, init);
const over = (method: string, path: string, body?: unknown) =>
  ownerCall(tenant, method, `/owner/controls${path}`, body);

suite("faults", () => {
  test("answer with their status in the dialect of the API, and only at their endpoint", async () => {
    controls.faults.add({ endpoint: "GET /api/v2/clients/{id}", status: 503 });
    controls.faults.add({ endpoint: "* /me/v1/*", status: 500 });
    controls.faults.add({ endpoint: "POST /oauth/token", status: 502, times: 1 });
    expect(await (await get("/api/v2/clients/x")).json()).toMatchObject({
      statusCode: 503,
      error: "Service Unavailable",
    });
    expect(await (await get("/me/v1/connected-accounts/accounts")).json()).toMatchObject({
      status: 500,
      title: "Internal Server Error",
    });
    const token = await get("/oauth/token", { method: "POST", body: "a=b" });
    expect([token.status, await token.json()]).toMatchObject([502, { error: "server_error" }]);
    expect((await get("/api/v2/clients")).status).toBe(401);
    expect((await get("/api/v2/clients/x/credentials")).status).toBe(401);
  });

  test("429 has the headers that clients wait by, and headers of one's own go before them", async () => {
    controls.faults.add({
      endpoint: "GET /api/v2/*",
      status: 429,
      headers: { "retry-after": "7" },
    });
    const { status, headers } = await get("/api/v2/clients");
    expect(status).toBe(429);
    expect(headers.get("retry-after")).toBe("7");
    expect(headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000 - 5);
  });

  test("drop the connection before the request is heard, or after it had its effect", async () => {
    const create = (name: string) =>
      managementOf(tenant, "POST", "/connections", { name, strategy: "oauth2" });
    controls.faults.add({ endpoint: "POST /api/v2/connections", drop: "request", times: 1 });
    await expect(create("unheard")).rejects.toThrow();
    controls.faults.add({ endpoint: "POST /api/v2/connections", drop: "answer", times: 1 });
    await expect(create("heard")).rejects.toThrow();
    expect((await create("unheard")).status).toBe(201);
    expect((await create("heard")).status).toBe(409);
  });

  test("delay: a request that others overtake", async () => {
    controls.faults.add({ endpoint: "GET /userinfo", delayMs: 300 });
    const order: string[] = [];
    await Promise.all([
      get("/userinfo").then(() => order.push("delayed")),
      get("/.well-known/jwks.json").then(() => order.push("other")),
    ]);
    expect(order).toEqual(["other", "delayed"]);
  });

  test("are gone after their last time, and count their hits until then", async () => {
    const { id } = controls.faults.add({ endpoint: "GET /userinfo", status: 418, times: 2 });
    const statuses: number[] = [];
    for (let at = 0; at < 3; at++) {
      statuses.push((await get("/userinfo")).status);
      if (at === 0) expect(controls.faults.list()).toMatchObject([{ id, hits: 1 }]);
    }
    expect(statuses).toEqual([418, 418, 401]);
    expect(controls.faults.list()).toEqual([]);
  });

  test.for([
    [{ endpoint: "GET /userinfo" }, /one of status, delayMs and drop/],
    [{ endpoint: "/userinfo", status: 500 }, /a method and a path/],
    [{ endpoint: "* /owner/controls", status: 500 }, /alone/],
    [{ endpoint: "GET /a", status: 99 }, /status/],
    [{ endpoint: "GET /a", status: 500, drop: "request" }, /both/],
    [{ endpoint: "GET /a", status: 500, headers: { a: "b\r\nc: d" } }, /headers/],
  ] satisfies [unknown, RegExp][])("that make no sense are refused: %j", async ([fault, why]) => {
    expect(() => controls.faults.add(fault as Fault)).toThrow(why);
    expect(await over("POST", "/faults", fault)).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(why) },
    });
  });

  test("never hit the owner's own paths", async () => {
    controls.faults.add({ endpoint: "* /*", drop: "request" });
    expect((await get("/owner/controls")).status).toBe(401);
    await expect(get("/userinfo")).rejects.toThrow();
  });
});

suite("the clock", () => {
  test("makes tokens expire, and gives them their life back", async () => {
    const token = await ownerToken(tenant);
    const clients = () => get("/api/v2/clients", { headers: { authorization: `Bearer ${token}` } });
    expect((await clients()).status).toBe(200);
    controls.clock.advance(86_401);
    expect(await (await clients()).json()).toMatchObject({
      statusCode: 401,
      message: "Expired token",
    });
    controls.clock.reset();
    expect((await clients()).status).toBe(200);
  });

  test("does not lock the owner out of the dashboard", async () => {
    const answer = await fetch(await tenant.dashboardLink(), { redirect: "manual" });
    const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    controls.clock.advance(365 * 86_400);
    expect((await get("/dashboard/users", { headers: { cookie } })).status).toBe(200);
  });

  test("is moved by whole seconds, ten years at most", () => {
    expect(() => controls.clock.set(0.5)).toThrow(RangeError);
    expect(() => controls.clock.advance(4e9)).toThrow(RangeError);
    expect(controls.clock.offset()).toBe(0);
  });
});

suite("rate limits", () => {
  const statusesOf = async (path: string, count: number, init?: RequestInit) => {
    const answers = await Promise.all(Array.from({ length: count }, () => get(path, init)));
    return answers.map(({ status }) => status).toSorted();
  };

  test("free: the third Management request at once is refused, and tells when to come again", async () => {
    controls.limits.set("free");
    expect(await statusesOf("/api/v2/clients", 3)).toEqual([401, 401, 429]);
    const refused = await get("/api/v2/clients");
    expect(await refused.json()).toMatchObject({ errorCode: "too_many_requests" });
    expect(refused.headers.get("retry-after")).toBe("1");
    controls.limits.set(undefined);
    expect(await statusesOf("/api/v2/clients", 3)).toEqual([401, 401, 401]);
  });

  test("essentials: 25 requests at once go through at the Authentication API, and no 200", async () => {
    controls.limits.set("essentials");
    const statuses = await statusesOf("/userinfo", 200);
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(25);
    expect(statuses).toContain(429);
  });

  test("a limit of one's own counts at its endpoint alone", async () => {
    controls.limits.set({ token: { perSecond: 0.01, burst: 1 } });
    const post = { method: "POST", body: "grant_type=x" };
    expect(await statusesOf("/oauth/token", 2, post)).toEqual([400, 429]);
    expect((await get("/userinfo")).status).toBe(401);
    const refused = await get("/oauth/token", post);
    expect(await refused.json()).toMatchObject({ error: "too_many_requests" });
  });
});

suite("over HTTP", () => {
  test("the owner sets, sees and takes away each of them", async () => {
    const fault = await over("POST", "/faults", { endpoint: "GET /userinfo", status: 500 });
    expect(fault).toMatchObject({ status: 201, body: { hits: 0 } });
    expect((await over("PUT", "/clock", { advance_seconds: 60 })).body).toMatchObject({
      offset_seconds: 60,
    });
    const at = new Date(Date.now() + 7_200_000).toISOString();
    const moved = await over("PUT", "/clock", { at });
    expect(Number(moved.body["offset_seconds"])).toBeGreaterThan(7_100);
    expect((await over("PUT", "/rate-limit", { profile: "essentials" })).status).toBe(200);
    expect((await over("GET", "")).body).toMatchObject({
      faults: [{ endpoint: "GET /userinfo" }],
      rate_limit: { authentication: { perSecond: 25, burst: 25 } },
    });
    expect((await over("DELETE", `/faults/${fault.body["id"]}`)).status).toBe(204);
    expect((await over("DELETE", `/faults/${fault.body["id"]}`)).status).toBe(404);
    expect((await over("DELETE", "/clock")).status).toBe(204);
    expect((await over("DELETE", "/rate-limit")).status).toBe(204);
    expect((await over("GET", "")).body).toMatchObject({
      faults: [],
      clock: { offset_seconds: 0 },
      rate_limit: null,
    });
  });

  test("nobody else, and nobody by another name of this machine", async () => {
    expect((await get("/owner/controls")).status).toBe(401);
    const authorization = `Bearer ${await ownerToken(tenant)}`;
    const status = await new Promise<number>((done, fail) => {
      const options = {
        ca: tenant.caPem,
        servername: "localhost",
        headers: { authorization, host: "tenant.example" },
      };
      request(`${tenant.url}/owner/controls`, options, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      })
        .on("error", fail)
        .end();
    });
    expect(status).toBe(403);
  });
});

suite("off by default", () => {
  test("a tenant that was not started with them has none, and says how to get them", async () => {
    const other = mkdtempSync(join(tmpdir(), "tvk-controls-"));
    const plain = await startTenant({ dir: other, port: 0 });
    expect(plain.controls).toBeUndefined();
    const { status, body } = await ownerCall(plain, "POST", "/owner/controls/faults", {
      endpoint: "GET /userinfo",
      status: 500,
    });
    expect([status, body["message"]]).toEqual([404, expect.stringContaining("--controls")]);
    await plain.close();
    rmSync(other, { recursive: true, force: true });
  });

  test("refused where others than this machine can reach the tenant", async () => {
    const other = mkdtempSync(join(tmpdir(), "tvk-controls-"));
    const start = startTenant({ dir: other, port: 0, host: "0.0.0.0", controls: true });
    await expect(start).rejects.toMatchObject({ code: "OFF_LOOPBACK" });
    const main = join(import.meta.dirname, "../../../tenant/main.mjs");
    const args = [main, "--dir", other, "--port", "0", "--host", "0.0.0.0", "--controls"];
    const run = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("refused on 0.0.0.0")]);
    rmSync(other, { recursive: true, force: true });
  });
});
