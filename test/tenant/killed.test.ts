/** A tenant that is killed under load: what it acknowledged is there when it starts again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, suite, test } from "vitest";
import { type StartedTenant, startTenant } from "../../tenant/start-tenant.ts";
import { freePort } from "../free-ports.ts";
import { managementOf, ownerToken, trustTenant } from "./owner/management-of.ts";

const main = join(import.meta.dirname, "../../tenant/main.mjs");
const dir = mkdtempSync(join(tmpdir(), "tvk-killed-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly tenant: Pick<StartedTenant, "url" | "caPem" | "managementClient">;
}

async function start(port: number): Promise<Running> {
  const child = spawn(process.execPath, [main, "--dir", dir, "--port", String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const url = line.replace("tenant listening on ", "");
  const { clientId, clientSecret } = JSON.parse(
    readFileSync(join(dir, "management-client.json"), "utf8"),
  );
  const caPem = readFileSync(join(dir, "ca.pem"), "utf8");
  return { child, tenant: { url, caPem, managementClient: { clientId, clientSecret } } };
}

/** Writes until the tenant dies; gives the ids of what it acknowledged. */
async function writeUntilDeath({ child, tenant }: Running, round: number): Promise<string[]> {
  trustTenant(tenant);
  const authorization = `Bearer ${await ownerToken(tenant as StartedTenant)}`;
  const acknowledged: string[] = [];
  const writer = async (worker: number) => {
    for (let at = 0; ; at += 1) {
      const response = await fetch(`${tenant.url}/api/v2/connections`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({
          name: `c-${round}-${worker}-${at}`,
          strategy: "oauth2",
          options: {},
        }),
      });
      if (response.status !== 201) throw new Error(`answered ${response.status}`);
      acknowledged.push(((await response.json()) as { id: string }).id);
      if (acknowledged.length === 40 + round * 7) child.kill("SIGKILL");
    }
  };
  const ends = await Promise.allSettled([0, 1, 2, 3].map(writer));
  for (const end of ends) {
    expect(end).toMatchObject({ reason: expect.objectContaining({ name: "TypeError" }) });
  }
  return acknowledged;
}

suite("kill -9 under load", () => {
  test("loses no acknowledged write, and keeps the address, the keys and the owner", async () => {
    const acknowledged: string[] = [];
    let identity: unknown;
    const port = await freePort();
    for (const round of [0, 1, 2]) {
      const running = await start(port);
      trustTenant(running.tenant);
      const jwks = await (await fetch(`${running.tenant.url}/.well-known/jwks.json`)).json();
      const now = { ...running.tenant, jwks };
      identity ??= now;
      expect(now).toEqual(identity);
      acknowledged.push(...(await writeUntilDeath(running, round)));
    }
    const tenant = await startTenant({ dir, port: 0 });
    expect(acknowledged.length).toBeGreaterThanOrEqual(120);
    const known = new Set<unknown>();
    for (let page = 0; ; page += 1) {
      const { body } = await managementOf(tenant, "GET", `/connections?per_page=100&page=${page}`);
      const rows = body as unknown as { id: string }[];
      if (rows.length === 0) break;
      for (const { id } of rows) known.add(id);
    }
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    await tenant.close();
  });
});
