import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, assert, beforeEach, suite, test } from "vitest";
import { tunnelCheck } from "../../cli/doctor/tunnel-check.ts";
import { supervisor } from "../../services/supervisor.ts";
import { tunnelAgent } from "../../services/tunnel-agent.ts";
import { standInAgents } from "../services/stand-in-agents.ts";

const home = process.cwd();
const path = process.env["PATH"];
let dir: string;
let url: string;
let pid: number;
beforeEach(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "tvk-doctor-tunnel-")));
  mkdirSync(join(dir, ".tvk/stacks/dev"), { recursive: true });
  process.chdir(dir);
  process.env["PATH"] = standInAgents(dir, path);
  const agent = await tunnelAgent("dev", { kind: "ngrok" }, 3001);
  if (agent === undefined) throw new Error("no agent");
  const { service, instance } = agent;
  ({ url, pid } = await services().ensure({ ...service, instance, name: "dev-tunnel" }));
});
afterEach(async () => {
  await services().stop("dev-tunnel");
  process.env["PATH"] = path;
  process.chdir(home);
  rmSync(dir, { recursive: true, force: true });
});

const services = () => supervisor(join(dir, ".tvk/services"));
const look = (apiUrl: string | undefined, stack: string | undefined = "dev") =>
  tunnelCheck({ projectDir: dir, stack, apiUrl });

suite("tvk doctor, the tunnel", () => {
  test("is whole while it is where the stack gave it out", async () => {
    const found = await look(`${url}/tickets?limit=1`);
    assert.deepEqual(found, [{ id: "tunnel", status: "ok", message: `${url}, by process ${pid}` }]);
  });

  test("is broken where it has moved since, or is not what the stack gave out", async () => {
    const [other] = await look("https://old.ngrok-free.app/tickets");
    assert.include(other?.message, "the stack gave out https://old.ngrok-free.app");
    process.kill(pid, "SIGUSR2");
    let [moved] = await look(undefined);
    for (let tries = 0; moved?.status === "ok" && tries < 100; tries++) {
      await new Promise((done) => setTimeout(done, 20));
      [moved] = await look(undefined);
    }
    assert.include(
      moved?.message,
      `is at https://moved.ngrok-free.app now, and the stack has ${url}`,
    );
    assert.equal(moved?.hint, "Run: tvk up --stack dev");
  });

  test("is broken where its agent has ended", async () => {
    process.kill(pid, "SIGKILL");
    while (services().live("dev-tunnel") !== undefined) await new Promise((r) => setTimeout(r, 10));
    assert.equal((await look(undefined))[0]?.message, `the agent of the tunnel ${url} has ended`);
  });

  test("is not looked at where the project runs none", async () => {
    assert.deepEqual(await look(undefined, "two"), []);
    assert.deepEqual(
      await tunnelCheck({ projectDir: dir, stack: undefined, apiUrl: undefined }),
      [],
    );
  });
});
