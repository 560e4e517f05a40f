/** @module A watched service that dies is started again; what was stopped or gives out is left alone. */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { openLog, rotateLog } from "../../services/service-log.ts";
import type { ServiceSpec } from "../../services/service-spec.ts";
import { type WatchOptions, watchServices } from "../../services/watch.ts";
import { freePort } from "../free-ports.ts";
import { eachTest, greeting, spec, starts } from "./service-fixture.ts";

const fixture = eachTest();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Watches until the test ends; gives the lines that the user is told. */
function watch(specs: () => ServiceSpec[], options: Partial<WatchOptions> = {}): string[] {
  const notes: string[] = [];
  const ended = new AbortController();
  const watching = watchServices(join(fixture.dir, "services"), {
    specs: async () => specs(),
    note: (line) => notes.push(line),
    signal: ended.signal,
    ...options,
  });
  ends.push(() => {
    ended.abort();
    return watching;
  });
  return notes;
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await expect.poll(() => processStart(pid)).toBeUndefined();
}

const slow = { timeout: 20_000 };
const live = () => fixture.services.live("desk");

suite("watchServices()", () => {
  test("starts a killed service again, as the same run, with one line", async () => {
    const desk = await fixture.services.ensure(spec(fixture));
    const notes = watch(() => [spec(fixture)]);
    await kill(desk.pid);
    await expect.poll(() => greeting(fixture).catch(() => ""), slow).toBe("hello");
    expect(live()).toMatchObject({ instance: desk.instance });
    await expect
      .poll(() => notes)
      .toEqual([
        `desk had died and runs again at http://localhost:${fixture.port} (process ${live()?.pid}).`,
      ]);
  }, 30_000);

  test("starts one that had died before the watch began", async () => {
    const desk = await fixture.services.ensure(spec(fixture));
    await kill(desk.pid);
    watch(() => [spec(fixture)]);
    await expect.poll(() => live()?.instance, slow).toBe(desk.instance);
  }, 30_000);

  test("takes the description of now, not that of the begin", async () => {
    const { pid } = await fixture.services.ensure(spec(fixture));
    const descriptions = [spec(fixture), spec(fixture, { env: { GREETING: "changed" } })];
    watch(() => [descriptions.shift() ?? spec(fixture)]);
    await kill(pid);
    await expect.poll(() => greeting(fixture).catch(() => ""), slow).toBe("changed");
  }, 30_000);

  test("leaves alone what somebody has stopped, and says so", async () => {
    await fixture.services.ensure(spec(fixture));
    const notes = watch(() => [spec(fixture)]);
    await fixture.services.stop("desk");
    await expect.poll(() => notes, slow).toEqual(["desk was stopped; it is not started again."]);
    expect(starts(fixture)).toHaveLength(1);
  }, 30_000);

  test("gives up, naming the log, on one that dies again and again", async () => {
    const desk = await fixture.services.ensure(spec(fixture));
    const dies = spec(fixture, {
      command: ["node", "-e", "console.log('broken'); process.exit(3)"],
    });
    const notes = watch(() => [dies], { backOffMs: [0, 100, 200] });
    await kill(desk.pid);
    await expect
      .poll(() => notes.at(-1), slow)
      .toMatch(/^desk has died 4 times in a row and is left alone now\. Its log: .*desk\.log\./);
    expect(notes).toHaveLength(4);
    expect(notes[0]).toContain("could not be started");
    expect(notes[0]).toContain("exit code 3");
    // The record is still a dead service's: the next up sees it, and a watch sees that up.
    expect(await fixture.services.status()).toMatchObject([{ name: "desk", alive: false }]);
    await fixture.services.ensure(spec(fixture));
    expect(live()).toBeDefined();
  }, 60_000);

  test("does not take the place of a run that another command has started meanwhile", async () => {
    const desk = await fixture.services.ensure(spec(fixture));
    let asked = 0;
    watch(() => {
      asked += 1;
      return [spec(fixture, { instance: "of the state" })];
    });
    await kill(desk.pid);
    await expect.poll(() => asked, slow).toBeGreaterThan(1);
    const other = await fixture.services.ensure(spec(fixture, { instance: "of the state" }));
    expect(other.outcome).toBe("started");
    expect(starts(fixture)).toEqual([desk.pid, other.pid]);
  }, 30_000);

  test("tells of a service that has come to another address", async () => {
    await fixture.services.ensure(spec(fixture));
    const moves: string[] = [];
    const notes = watch(() => [spec(fixture)], {
      moved: async (name, url) => void moves.push(`${name} ${url}`),
    });
    const before = fixture.port;
    await expect.poll(() => existsSync(join(fixture.dir, "services/desk.json"))).toBe(true);
    const port = await freePort();
    await fixture.services.ensure(
      spec(fixture, { env: { PORT: String(port) }, ready: { url: `http://localhost:${port}/` } }),
    );
    await expect.poll(() => moves, slow).toEqual([`desk http://localhost:${port}`]);
    expect(notes).toEqual([
      `desk is at http://localhost:${port} now; it was at http://localhost:${before}.`,
    ]);
  }, 30_000);
});

suite("rotateLog()", () => {
  const dir = () => join(fixture.dir, "services");

  test("puts a grown log aside while the service writes on", () => {
    const log = openLog(dir(), "desk");
    writeSync(log.fd, "x".repeat(6 * 1024 * 1024));
    rotateLog(dir(), "desk");
    writeSync(log.fd, "after\n");
    log.close();
    expect(readFileSync(log.file, "utf8")).toBe("after\n");
    expect(statSync(`${log.file}.1`).size).toBe(6 * 1024 * 1024);
  });

  test("keeps one old log, and a small one as it is", () => {
    const log = openLog(dir(), "desk");
    writeSync(log.fd, "small\n");
    rotateLog(dir(), "desk");
    expect(existsSync(`${log.file}.1`)).toBe(false);
    for (const letter of ["a", "b"]) {
      writeSync(log.fd, letter.repeat(6 * 1024 * 1024));
      rotateLog(dir(), "desk");
    }
    log.close();
    expect(readFileSync(`${log.file}.1`, "utf8").slice(-3)).toBe("bbb");
  });

  test("is done for a service that is adopted, too", async () => {
    await fixture.services.ensure(spec(fixture));
    const file = join(dir(), "desk.log");
    const fd = openSync(file, "a");
    writeSync(fd, "x".repeat(6 * 1024 * 1024));
    closeSync(fd);
    expect((await fixture.services.ensure(spec(fixture))).outcome).toBe("adopted");
    expect(statSync(file).size).toBe(0);
    writeFileSync(`${file}.1`, "");
  });
});
