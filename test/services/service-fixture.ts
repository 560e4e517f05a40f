/** @module A small real service for the supervisor's tests, and the folder and port it runs on. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { ServiceSpec } from "../../services/service-spec.ts";
import { type Supervisor, supervisor } from "../../services/supervisor.ts";
import { freePort } from "../free-ports.ts";

/** What each test of a file gets anew. */
export interface Fixture {
  dir: string;
  port: number;
  services: Supervisor;
}

/**
 * Answers on PORT, after DELAY milliseconds, with what GREETING says; writes one line for each start
 * to STARTS; SIGTERM does nothing where DEAF is set.
 */
const program = `
  const { appendFileSync } = require("node:fs");
  const { PORT, DELAY, GREETING, STARTS, DEAF } = process.env;
  if (STARTS) appendFileSync(STARTS, process.pid + "\\n");
  if (DEAF) process.on("SIGTERM", () => {});
  const answer = (_, response) => response.end(GREETING ?? "hello");
  setTimeout(() => require("node:http").createServer(answer).listen(Number(PORT), "127.0.0.1"), Number(DELAY ?? 0));
`;

/** A folder, a free port and a supervisor for each test; what was started is stopped after it. */
export function eachTest(): Fixture {
  const fixture = {} as Fixture;
  beforeEach(async () => {
    fixture.dir = mkdtempSync(join(tmpdir(), "tvk-services-"));
    fixture.port = await freePort();
    fixture.services = supervisor(join(fixture.dir, "services"));
  });
  afterEach(async () => {
    for (const { name } of await fixture.services.status()) await fixture.services.stop(name);
    rmSync(fixture.dir, { recursive: true, force: true });
  });
  return fixture;
}

/** The description of the small service. */
export function spec(
  { dir, port }: Fixture,
  { env, ...changes }: Partial<ServiceSpec> = {},
): ServiceSpec {
  return {
    name: "desk",
    command: ["node", "-e", program],
    cwd: dir,
    env: { PORT: String(port), STARTS: join(dir, "starts"), ...env },
    ready: { url: `http://localhost:${port}/` },
    ...changes,
  };
}

/** Pids of every start of the small service, in order. */
export function starts({ dir }: Fixture): number[] {
  return readFileSync(join(dir, "starts"), "utf8").trimEnd().split("\n").map(Number);
}

/** What the small service answers. */
export async function greeting({ port }: Fixture): Promise<string> {
  return (await fetch(`http://localhost:${port}/`)).text();
}
