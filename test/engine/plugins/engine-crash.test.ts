/** Runs that are interrupted while the tenant has already done what was asked: the next one finds it. */
import { join } from "node:path";
import { afterAll, afterEach, assert, beforeAll, beforeEach, suite, test } from "vitest";
import { removeTornAttributes } from "../../../engine/recovery/attributes.ts";
import { type EngineProject, engineProject } from "./engine-project.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";

const minuteMs = 60_000;
const timeout = 3 * minuteMs;

const program = `
  import * as auth0 from "@pulumi/auth0";
  const marks = { tvk_stack: "crash/dev", tvk_urn: "urn:agent", tvk_owner: "ann" };
  const agent = new auth0.Client("agent", {
    name: "Crash agent",
    appType: "regular_web",
    clientMetadata: marks,
  });
  new auth0.Connection("desk", {
    name: "crash-desk",
    strategy: "oauth2",
    metadata: marks,
    options: { clientId: "a", scopes: ["openid"] },
  }, { dependsOn: agent });`;

let bench: TenantBench;
let project: EngineProject;
/** Lets the answers go that are kept back. */
let release: () => void;
beforeAll(async () => {
  bench = await tenantBench();
}, minuteMs);
beforeEach(async () => {
  project = await engineProject("crash", program, bench.env, bench.caFile);
}, minuteMs);
afterEach(async () => {
  release();
  bench.proxy.fate = () => "pass";
  await project.succeed(["destroy", "--yes", "--skip-preview"]);
  project.remove();
});
afterAll(() => bench.close());

/** Keeps the answer to the first create of a collection back; settles when the tenant has done it. */
function holdFirstCreate(collection: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  release = resolve;
  return new Promise((done) => {
    let held = false;
    bench.proxy.fate = ({ method, path }) => {
      if (held || method !== "POST" || !path.endsWith(collection)) return "pass";
      held = true;
      const poll = setInterval(async () => {
        if (
          bench.proxy.requests.some((request) => request.status === 201 && request.path === path)
        ) {
          clearInterval(poll);
          done();
        }
      }, 20);
      return { answerAfter: promise };
    };
    bench.proxy.requests.length = 0;
    bench.proxy.taken();
  });
}

async function countOf(collection: string, name: string): Promise<number> {
  const list = await bench.api("GET", `/${collection}?per_page=100`);
  return Object.values(list).filter((item) => String(item["name"]) === name).length;
}

suite("an up that is interrupted", { timeout }, () => {
  test.each([
    ["clients", "Crash agent"],
    ["connections", "crash-desk"],
  ])(
    "by kill -9 while its create in /%s is applied but unanswered makes no second one",
    async (collection, name) => {
      const applied = holdFirstCreate(`/${collection}`);
      const { pid, ended } = project.start(["up", "--yes", "--skip-preview"]);
      await applied;
      process.kill(pid, "SIGKILL");
      await ended;
      // The kill can have torn one, which is another case than this (engine/recovery/attributes.ts).
      await removeTornAttributes(join(project.dir, "backend"));
      assert.equal(await countOf(collection, name), 1);
      bench.proxy.fate = () => "pass";
      await project.succeed(["cancel", "--yes"]);
      await project.succeed(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
      await project.succeed(["up", "--yes", "--skip-preview"]);
      assert.equal(await countOf(collection, name), 1);
      assert.match(await project.succeed(["up", "--yes", "--skip-preview"]), /3 unchanged/);
    },
  );

  test("by an interrupt finishes the request that is under way, and keeps what came of it", async () => {
    const applied = holdFirstCreate("/clients");
    const { pid, ended, says } = project.start(["up", "--yes", "--skip-preview"]);
    await applied;
    process.kill(pid, "SIGINT");
    await says(/\^C received; cancelling/);
    release();
    const { exitCode } = await ended;
    assert.notEqual(exitCode, 0);
    const { resources, pending_operations: pending = [] } = await project.state();
    assert.deepEqual(pending, []);
    assert.isTrue(resources.some(({ urn }) => urn.endsWith("::agent")));
    bench.proxy.fate = () => "pass";
    await project.succeed(["up", "--yes", "--skip-preview"]);
    assert.equal(await countOf("clients", "Crash agent"), 1);
  });

  test("by trouble in the tenant says which resource failed, and goes on from there", async () => {
    release = () => {};
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/connections")
        ? { status: 403, body: { message: "You reached the limit of entities" } }
        : "pass";
    const { exitCode, text } = await project.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(exitCode, 0);
    assert.match(
      text,
      /creating urn:pulumi:dev::crash::.*::desk: POST \/api\/v2\/connections answered 403/,
    );
    bench.proxy.fate = () => "pass";
    const next = await project.succeed(["up", "--yes", "--skip-preview"]);
    assert.match(next, /\+ 1 created\n\s+2 unchanged/);
  });
});
