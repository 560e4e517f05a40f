/** @module Services are started, adopted, replaced and stopped as described. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { freePort } from "../free-ports.ts";
import { eachTest, greeting, spec, starts } from "./service-fixture.ts";

const fixture = eachTest();
const recordPath = () => join(fixture.dir, "services", "desk.json");
const readRecord = () => JSON.parse(readFileSync(recordPath(), "utf8"));

suite("renew()", () => {
  test("gives a run that nobody knows another instance, and starts nothing", async () => {
    const first = await fixture.services.ensure(spec(fixture, { instance: "one" }));
    expect(await fixture.services.renew("desk", (pid) => pid === first.pid)).toBe(false);
    expect(fixture.services.live("desk")?.instance).toBe("one");
    expect(await fixture.services.renew("desk", () => false)).toBe(true);
    const instance = fixture.services.live("desk")?.instance ?? "";
    expect(instance).not.toBe("one");
    // The old name stops it no more, and whoever describes it as it runs gets it as it runs.
    expect(await fixture.services.stop("desk", { instance: "one" })).toBe(false);
    const second = await fixture.services.ensure(spec(fixture, { instance }));
    expect(second).toMatchObject({ pid: first.pid, outcome: "adopted" });
    expect(starts(fixture)).toHaveLength(1);
  });

  test("does nothing where nothing runs", async () => {
    expect(await fixture.services.renew("desk", () => false)).toBe(false);
    const { pid } = await fixture.services.ensure(spec(fixture));
    process.kill(pid, "SIGKILL");
    await expect.poll(() => processStart(pid)).toBeUndefined();
    expect(await fixture.services.renew("desk", () => false)).toBe(false);
  });
});

suite("ensure()", () => {
  test("starts a service and returns when it answers", async () => {
    const desk = await fixture.services.ensure(spec(fixture, { env: { DELAY: "200" } }));
    expect(desk).toMatchObject({
      name: "desk",
      url: `http://localhost:${fixture.port}`,
      outcome: "started",
    });
    expect(await greeting(fixture)).toBe("hello");
    expect(starts(fixture)).toEqual([desk.pid]);
  });

  test("adopts a service that runs as described", async () => {
    const first = await fixture.services.ensure(spec(fixture));
    const second = await fixture.services.ensure(spec(fixture));
    expect(second).toEqual({ ...first, outcome: "adopted" });
    expect(starts(fixture)).toHaveLength(1);
  });

  test("replaces a service whose environment has changed", async () => {
    const first = await fixture.services.ensure(spec(fixture));
    const second = await fixture.services.ensure(spec(fixture, { env: { GREETING: "changed" } }));
    expect(second.outcome).toBe("replaced");
    expect(await greeting(fixture)).toBe("changed");
    expect(processStart(first.pid)).toBeUndefined();
  });

  test("replaces a service when another instance is meant", async () => {
    await fixture.services.ensure(spec(fixture, { instance: "one" }));
    const second = await fixture.services.ensure(spec(fixture, { instance: "two" }));
    expect(second).toMatchObject({ instance: "two", outcome: "replaced" });
    expect(await fixture.services.ensure(spec(fixture))).toMatchObject({
      instance: "two",
      outcome: "adopted",
    });
  });

  test("starts a service anew after its process was killed", async () => {
    const first = await fixture.services.ensure(spec(fixture));
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => processStart(first.pid)).toBeUndefined();
    expect(fixture.services.live("desk")).toBeUndefined();
    const second = await fixture.services.ensure(spec(fixture));
    expect(second.outcome).toBe("started");
    expect(second.instance).not.toBe(first.instance);
  });

  test("replaces a service that runs and no longer answers", async () => {
    const first = await fixture.services.ensure(spec(fixture));
    // Past its start: from then on it has seconds, not half a minute, to answer.
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    writeFileSync(recordPath(), JSON.stringify({ ...readRecord(), startedAt: hourAgo }));
    process.kill(first.pid, "SIGSTOP");
    const second = await fixture.services.ensure(spec(fixture));
    expect(second.outcome).toBe("replaced");
    expect(await greeting(fixture)).toBe("hello");
  }, 30_000);

  test("takes a process that got the recorded pid later for a stranger, and leaves it alone", async () => {
    const desk = await fixture.services.ensure(spec(fixture));
    await fixture.services.stop("desk");
    // The test's own process: a wrong look at it would end the test.
    const record = {
      ...desk,
      pid: process.pid,
      processStart: "another start",
      ready: { url: desk.url },
    };
    writeFileSync(recordPath(), JSON.stringify({ ...record, specHash: "", startedAt: "" }));
    expect(fixture.services.live("desk")).toBeUndefined();
    expect(await fixture.services.stop("desk")).toBe(false);
    expect((await fixture.services.ensure(spec(fixture))).outcome).toBe("started");
  });

  test("starts one process when two callers want it at once", async () => {
    const both = await Promise.all([1, 2].map(() => fixture.services.ensure(spec(fixture))));
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(["adopted", "started"]);
    expect(both[0]?.pid).toBe(both[1]?.pid);
    expect(starts(fixture)).toHaveLength(1);
  });

  test("keeps two services of one folder apart", async () => {
    const port = await freePort();
    const desk = await fixture.services.ensure(spec(fixture));
    const changes = {
      name: "other.1",
      env: { PORT: String(port) },
      ready: { url: `http://localhost:${port}` },
    };
    const second = await fixture.services.ensure(spec(fixture, changes));
    expect((await fixture.services.status()).map(({ name }) => name)).toEqual(["desk", "other.1"]);
    expect(second.pid).not.toBe(desk.pid);
  });

  test.skipIf(process.platform !== "linux")(
    "replaces its own process whose record was lost, known by a mark in its environment (Linux)",
    async () => {
      const first = await fixture.services.ensure(spec(fixture));
      rmSync(recordPath());
      const second = await fixture.services.ensure(spec(fixture));
      expect(second.pid).not.toBe(first.pid);
      expect(processStart(first.pid)).toBeUndefined();
    },
  );
});

suite("what lies on the disk", () => {
  test("holds no secret of the environment, and is its owner's alone", async () => {
    const secret = "s3cr3t-of-the-desk";
    await fixture.services.ensure(spec(fixture, { env: { CLIENT_SECRET: secret } }));
    const folder = join(fixture.dir, "services");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name), "utf8")).not.toContain(secret);
    }
    expect(statSync(recordPath()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "desk.log")).mode & 0o777).toBe(0o600);
    expect(readRecord().pid).toBe(fixture.services.live("desk")?.pid);
  });

  test("puts a log aside that has grown beyond 5 MB", async () => {
    await fixture.services.ensure(spec(fixture));
    await fixture.services.stop("desk");
    const log = join(fixture.dir, "services", "desk.log");
    writeFileSync(log, "x".repeat(5 * 1024 * 1024 + 1));
    await fixture.services.ensure(spec(fixture));
    expect(statSync(log).size).toBeLessThan(1000);
    expect(statSync(`${log}.1`).size).toBe(5 * 1024 * 1024 + 1);
  });
});

suite("stop()", () => {
  test("ends the process, and says false the second time", async () => {
    const { pid } = await fixture.services.ensure(spec(fixture));
    expect(await fixture.services.stop("desk")).toBe(true);
    expect(processStart(pid)).toBeUndefined();
    expect(await fixture.services.stop("desk")).toBe(false);
    expect(await fixture.services.status()).toEqual([]);
  });

  test("leaves a service alone whose running instance is another", async () => {
    const { pid } = await fixture.services.ensure(spec(fixture, { instance: "new" }));
    expect(await fixture.services.stop("desk", { instance: "old" })).toBe(false);
    expect(fixture.services.live("desk")).toMatchObject({ pid, instance: "new" });
    expect(await fixture.services.stop("desk", { instance: "new" })).toBe(true);
  });

  test("kills a process that does not heed SIGTERM, with the children it left", async () => {
    const child = join(fixture.dir, "child");
    const command = ["sh", "-c", `trap '' TERM; sleep 60 & echo $! > ${child}; exec "$0" -e "$1"`];
    const [node = "", , program = ""] = spec(fixture).command;
    const deaf = spec(fixture, {
      command: [...command, node === "node" ? process.execPath : node, program],
      env: { DEAF: "1" },
    });
    const { pid } = await fixture.services.ensure(deaf);
    const left = Number(readFileSync(child, "utf8"));
    expect(processStart(left)).toBeTypeOf("string");
    expect(await fixture.services.stop("desk")).toBe(true);
    expect(processStart(pid)).toBeUndefined();
    await expect.poll(() => processStart(left)).toBeUndefined();
  }, 20_000);

  test("knows nothing of a service that was never started", async () => {
    expect(await fixture.services.stop("nobody")).toBe(false);
    expect(readdirSync(fixture.dir)).toEqual([]);
  });
});

suite("status() and live()", () => {
  test("tell a dead service from one that answers", async () => {
    const { pid, instance } = await fixture.services.ensure(spec(fixture));
    expect(await fixture.services.status()).toMatchObject([
      { name: "desk", pid, instance, alive: true, ready: true },
    ]);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => processStart(pid)).toBeUndefined();
    expect(await fixture.services.status()).toMatchObject([{ pid, alive: false, ready: false }]);
  });

  test.each(["nobody", "../../etc/passwd", ""])(
    "live() has nothing for %j, and does not throw",
    (name) => {
      expect(fixture.services.live(name)).toBeUndefined();
    },
  );

  test("live() has nothing for a record that is half written", async () => {
    await fixture.services.ensure(spec(fixture));
    const whole = readFileSync(recordPath(), "utf8");
    writeFileSync(recordPath(), whole.slice(0, 40));
    expect(fixture.services.live("desk")).toBeUndefined();
    writeFileSync(recordPath(), whole);
    expect(fixture.services.live("desk")?.pid).toBe(JSON.parse(whole).pid);
  });
});
