import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, assert, beforeEach, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { readRecord } from "../../services/service-record.ts";
import type { ServiceSpec } from "../../services/service-spec.ts";
import { supervisor } from "../../services/supervisor.ts";
import { possibleHosts, type TunnelKeys, tunnelAgent } from "../../services/tunnel-agent.ts";
import { standInAgents } from "./stand-in-agents.ts";

const home = process.cwd();
const path = process.env["PATH"];
let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "tvk-tunnel-")));
  mkdirSync(join(dir, ".tvk/stacks/dev"), { recursive: true });
  // What the project's folder is to a program that the engine runs.
  process.chdir(dir);
  process.env["PATH"] = standInAgents(dir, path);
  // As ssh ends where nobody listens; the real one is in test/docker/tunnel.test.ts.
  const refused = "#!/bin/sh\necho 'connect to host: Connection refused' >&2\nexit 255\n";
  writeFileSync(join(dir, "agents/ssh"), refused, { mode: 0o755 });
});
afterEach(async () => {
  for (const { name } of await services().status()) await services().stop(name);
  process.env["PATH"] = path;
  process.chdir(home);
  rmSync(dir, { recursive: true, force: true });
});

const services = () => supervisor(join(dir, ".tvk/services"));

async function specOf(keys: TunnelKeys, token?: string, stack = "dev"): Promise<ServiceSpec> {
  const agent = await tunnelAgent(stack, keys, 3001, token);
  assert.isDefined(agent);
  const { service, instance } = agent as NonNullable<typeof agent>;
  return { ...service, name: `${stack}-tunnel`, instance };
}

suite("the tunnel's agent", () => {
  test("is none for kinds that the stack does not run", async () => {
    assert.isUndefined(await tunnelAgent("dev", { kind: "none" }, 3001));
    assert.isUndefined(await tunnelAgent("dev", { kind: "external", url: "https://a.example" }, 1));
  });

  test("a quick tunnel's URL is what cloudflared's own API says once it has one", async () => {
    const { url, pid, outcome } = await services().ensure(await specOf({ kind: "cloudflared" }));
    assert.equal(url, `https://words-${pid}.trycloudflare.com`);
    assert.equal(outcome, "started");
    assert.equal(services().live("dev-tunnel")?.url, url);
  });

  test("is adopted by the next run, which means the same one", async () => {
    const first = await services().ensure(await specOf({ kind: "cloudflared" }));
    const again = await services().ensure(await specOf({ kind: "cloudflared" }));
    assert.deepEqual(again, { ...first, outcome: "adopted" });
  });

  test("several run side by side, each with a local API of its own", async () => {
    const [one, other] = await Promise.all([
      services().ensure(await specOf({ kind: "cloudflared" })),
      services().ensure(await specOf({ kind: "cloudflared" }, undefined, "two")),
    ]);
    assert.notEqual(one.url, other.url);
  });

  test("a named tunnel has the URL that it was given, and its token in no argument", async () => {
    const keys = { kind: "cloudflared", url: "https://desk.example.com" } as const;
    const spec = await specOf(keys, "secret-token");
    assert.notInclude(JSON.stringify(spec.command), "secret-token");
    assert.equal((await services().ensure(spec)).url, "https://desk.example.com");
  });

  test("ngrok's URL is what its agent's API says, and a reserved one is passed on", async () => {
    const { url, pid } = await services().ensure(await specOf({ kind: "ngrok" }));
    assert.equal(url, `https://${pid}.ngrok-free.app`);
    await services().stop("dev-tunnel");
    const reserved = await specOf({ kind: "ngrok", url: "https://desk.ngrok.app" }, "secret-token");
    assert.equal((await services().ensure(reserved)).url, "https://desk.ngrok.app");
    assert.notInclude(readFileSync(join(dir, ".tvk/stacks/dev/ngrok.yml"), "utf8"), "secret-token");
  });

  test("an agent that has moved while it lived is seen as another run", async () => {
    const first = await services().ensure(await specOf({ kind: "ngrok" }));
    process.kill(first.pid, "SIGUSR2");
    // Until the agent has heard of it.
    let spec = await specOf({ kind: "ngrok" });
    for (let tries = 0; spec.instance === first.instance && tries < 100; tries++) {
      await new Promise((done) => setTimeout(done, 20));
      spec = await specOf({ kind: "ngrok" });
    }
    assert.notEqual(spec.instance, first.instance);
    assert.equal((await services().ensure(spec)).outcome, "replaced");
  });

  test("a dead one that comes back elsewhere is another run, so that the stack sees it", async () => {
    const spec = await specOf({ kind: "cloudflared" });
    const first = await services().ensure(spec);
    const dead = readRecord(join(dir, ".tvk/services"), "dev-tunnel");
    process.kill(first.pid, "SIGKILL");
    while (services().live("dev-tunnel") !== undefined) await new Promise((r) => setTimeout(r, 10));
    const revived = await services().revive(spec, dead as NonNullable<typeof dead>);
    assert.notEqual(revived?.url, first.url);
    assert.notEqual(revived?.instance, first.instance);
    assert.equal((await specOf({ kind: "cloudflared" })).instance, revived?.instance);
  });

  test("a run whose record was lost is ended before another begins", async () => {
    const first = await services().ensure(await specOf({ kind: "cloudflared" }));
    rmSync(join(dir, ".tvk/services/dev-tunnel.json"));
    await services().ensure(await specOf({ kind: "cloudflared" }));
    assert.isUndefined(processStart(first.pid));
  });

  test("one that ends at once is reported with its last lines, the token taken out", async () => {
    const spec = await specOf({
      kind: "ssh",
      host: "nobody@127.0.0.1",
      sshPort: 1,
      remotePort: 2,
      url: "http://127.0.0.1:2",
    });
    const error = await services().ensure(spec).catch(String);
    assert.match(
      String(error),
      /dev-tunnel" ended at its start \(exit code 255\).*Connection refused/s,
    );
  });

  test("a URL that answers already is not taken for the tunnel's", async () => {
    const { createServer } = await import("node:http");
    const other = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
    await new Promise((done) => other.once("listening", done));
    const { port } = other.address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const spec = await specOf({ kind: "ssh", host: "nobody@127.0.0.1", remotePort: port, url });
    const error = String(await services().ensure(spec).catch(String));
    other.close();
    assert.include(
      error,
      `${url}/health answers already, before the service "dev-tunnel" has been started`,
    );
  });

  test.each(["cloudflared", "ngrok", "ssh"] as const)(
    "a missing %s is one clear error",
    async (kind) => {
      process.env["PATH"] = join(dir, "nothing");
      const error = (await tunnelAgent("dev", { kind, url: "https://a.example" }, 3001).catch(
        (each: unknown) => each,
      )) as Error & { hint: string };
      assert.equal(error.message, `tunnel.kind is \`${kind}\`, and there is no ${kind} on PATH`);
      assert.match(error.hint, /^Install /);
    },
  );

  test("names the hosts that a tunnel without a URL may come to have, and no other", () => {
    assert.deepEqual(possibleHosts({ kind: "cloudflared" }), ["*.trycloudflare.com"]);
    assert.deepEqual(possibleHosts({ kind: "cloudflared", url: "https://a.example" }), []);
    assert.deepEqual(possibleHosts({ kind: "none" }), []);
  });
});
