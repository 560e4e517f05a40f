/** @module kill -9 of whoever starts a service: the next ensure converges. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { eachTest, spec, starts } from "./service-fixture.ts";

const fixture = eachTest();
const mainFile = new URL("../../services/main.ts", import.meta.url).pathname;
const gateModule = new URL("../../services/spawn-gated.ts", import.meta.url).href;

suite("kill -9 of a starting process", () => {
  test("between spawn and record ends the service before it has run anything", async () => {
    const { command, env, cwd } = spec(fixture);
    const program = `import { spawnGated } from ${JSON.stringify(gateModule)};
      const options = { cwd: ${JSON.stringify(cwd)}, env: ${JSON.stringify(env)}, log: 2 };
      const { pid } = await spawnGated(${JSON.stringify(command)}, options);
      process.stdout.write(pid + "\\n", () => process.kill(process.pid, "SIGKILL"));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    const [line] = await once(child.stdout.setEncoding("utf8"), "data");
    await once(child, "exit");
    await expect.poll(() => processStart(Number(line))).toBeUndefined();
    expect(existsSync(join(fixture.dir, "starts"))).toBe(false);
    expect((await fixture.services.ensure(spec(fixture))).outcome).toBe("started");
  });

  test("is never late: a service whose record can't be written runs nothing", async () => {
    const blocked = join(fixture.dir, "services", "desk.json");
    mkdirSync(join(blocked, "full"), { recursive: true });
    await expect(fixture.services.ensure(spec(fixture))).rejects.toThrow(/desk\.json/);
    rmSync(blocked, { recursive: true });
    expect(existsSync(join(fixture.dir, "starts"))).toBe(false);
    expect((await fixture.services.ensure(spec(fixture))).outcome).toBe("started");
  });

  test("between record and readiness leaves a service that the next ensure adopts", async () => {
    const slow = spec(fixture, { env: { DELAY: "4000" } });
    const child = spawn(process.execPath, [mainFile, "ensure"], {
      env: {
        ...process.env,
        TVK_SERVICES_DIR: join(fixture.dir, "services"),
        TVK_SERVICE: JSON.stringify(slow),
      },
    });
    const ended = once(child, "exit");
    await expect.poll(() => existsSync(join(fixture.dir, "starts"))).toBe(true);
    child.kill("SIGKILL");
    await ended;
    const record = JSON.parse(readFileSync(join(fixture.dir, "services", "desk.json"), "utf8"));
    const desk = await fixture.services.ensure(slow);
    expect(desk).toMatchObject({ outcome: "adopted", pid: record.pid, instance: record.instance });
    expect(starts(fixture)).toEqual([record.pid]);
  });
});
