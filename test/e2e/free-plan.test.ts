/** A tenant with a free plan's limit, two Management requests a second: what a stack sends is paced below it. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, suite, test } from "vitest";
import { projectFolder } from "./project-folder.ts";
import { stoppingProxy } from "./stopping-proxy.ts";

const program = pathToFileURL(join(import.meta.dirname, "../../bench/connections-program.ts"));

/** Requests of a first `up`, and its seconds. */
async function firstUp(limit: string, connections: number | undefined) {
  const project = await projectFolder();
  try {
    if (connections !== undefined) {
      rmSync(join(project.dir, "program.mjs"));
      writeFileSync(join(project.dir, "program.mjs"), `export * from "${program}";\n`);
    }
    const env = { TVK_TENANT_LIMIT: limit, CONNECTIONS: String(connections) };
    const started = await project.tvk(["tenant", "start"], { env });
    expect(started.exitCode, started.text).toBe(0);
    const proxy = await stoppingProxy(join(project.dir, ".tvk/tenant"));
    void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
    const start = performance.now();
    const words = ["pulumi", "--", "up", "--yes", "--skip-preview", "--non-interactive"];
    const { exitCode, text } = await project.tvk(words, { env: { ...env, ...proxy.env } });
    const seconds = (performance.now() - start) / 1000;
    const requests = proxy.seen.filter((each) => !each.endsWith("/oauth/token")).length;
    await proxy.close();
    expect(exitCode, text).toBe(0);
    return { requests, seconds };
  } finally {
    await project.remove();
  }
}

suite("under a free plan's limit", () => {
  test.each([
    ["the kit's own stack", undefined],
    ["a stack with 10 connections", 10],
  ])(
    "a first up of %s sends no request twice: none is refused",
    async (what, connections) => {
      const unlimited = await firstUp("", connections);
      const limited = await firstUp("free", connections);
      // The bucket holds two, and two come back each second (tenant/management/rate-limit.ts).
      const least = (limited.requests - 2) / 2;
      const waited = limited.seconds - unlimited.seconds;
      process.stdout.write(
        `${what}: ${limited.requests} requests, at least ${least} s; waited ${waited.toFixed(1)} s, ${(waited / least).toFixed(2)} times that\n`,
      );
      // A refused request is sent again, and counts again.
      expect(limited.requests).toBe(unlimited.requests);
    },
    240_000,
  );
});
