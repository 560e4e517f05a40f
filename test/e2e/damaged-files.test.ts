/** Files of a local stack that are not whole: one message each, and the next run goes on. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
beforeAll(async () => {
  project = await projectFolder();
  const up = await project.tvk(["up"]);
  if (up.exitCode !== 0) throw new Error(up.text);
}, 180_000);
afterAll(() => project?.remove());

const minutesMs = 180_000;
const inTenant = (name: string) => join(project.dir, ".tvk/tenant", name);

async function isNoOp(): Promise<void> {
  const { exitCode, text } = await project.tvk(["up", "--", "--expect-no-changes"]);
  expect(exitCode, text).toBe(0);
}

suite("the tenant's files", () => {
  test.each(["management-client.json"])(
    "%s, damaged or gone under a running tenant: written anew, one line says so, nothing changes",
    async (name) => {
      for (const damage of [
        () => writeFileSync(inTenant(name), '{"domain"'),
        () => rmSync(inTenant(name)),
      ]) {
        const before = JSON.parse(readFileSync(inTenant(name), "utf8"));
        damage();
        const { exitCode, text } = await project.tvk(["up", "--", "--expect-no-changes"]);
        expect(exitCode, text).toBe(0);
        expect(text).toMatch(
          /management-client\.json was (damaged|gone): the tenant writes it anew\./,
        );
        expect(JSON.parse(readFileSync(inTenant(name), "utf8"))).toEqual(before);
      }
    },
    minutesMs,
  );

  test.each(["ca-key.pem"])(
    "%s, damaged: made anew at the next start, and the stack is as it was",
    async (name) => {
      await project.tvk(["tenant", "stop"]);
      writeFileSync(inTenant(name), "-----BEGIN NOTHING-----\n");
      // The authority's key is only read when there is something to sign.
      writeFileSync(inTenant("server.pem"), "");
      await isNoOp();
    },
    minutesMs,
  );

  test.each([
    ["no database", () => writeFileSync(inTenant("tenant.db"), "this is no database".repeat(500))],
    ["empty", () => truncateSync(inTenant("tenant.db"))],
  ])(
    "tenant.db, %s: one error names it and the reset; after that up makes the stack anew",
    async (_, damage) => {
      await project.tvk(["tenant", "stop"]);
      for (const each of ["tenant.db-wal", "tenant.db-shm"])
        rmSync(inTenant(each), { force: true });
      damage();
      const { exitCode, text } = await project.tvk(["up"]);
      expect(exitCode).not.toBe(0);
      expect(text).toMatch(
        /\.tvk\/tenant\/tenant\.db is damaged: .*\n.*`tvk tenant reset --yes`, then `tvk up`/,
      );
      expect(text).not.toMatch(/\n\s+at /);
      await project.tvk(["tenant", "reset", "--yes"]);
      const up = await project.tvk(["up"]);
      expect(up.exitCode, up.text).toBe(0);
      expect(up.text).toContain('The local tenant is a new one: looking what of "dev" it has.');
      expect(await project.management("GET", "/connections")).toHaveLength(2);
      await isNoOp();
    },
    minutesMs,
  );
});

suite("the stack's files", () => {
  test(
    "helpdesk-secrets.json, damaged: one error names it and the next step; without it up goes on",
    async () => {
      const file = join(project.dir, ".tvk/stacks/dev/helpdesk-secrets.json");
      writeFileSync(file, '{"clientSecret":"not-to-be-told');
      const { exitCode, text } = await project.tvk(["up"]);
      expect(exitCode).not.toBe(0);
      expect(text).toContain(
        "helpdesk-secrets.json does not hold the helpdesk's three secrets; remove it",
      );
      expect(text).not.toContain("not-to-be-told");
      rmSync(file);
      const up = await project.tvk(["up"]);
      expect(up.exitCode, up.text).toBe(0);
      await isNoOp();
    },
    minutesMs,
  );

  test(
    "the passphrase, damaged or gone: one error names it and the next step; without the folder up takes over what is there",
    async () => {
      const dir = join(project.dir, ".tvk/stacks/dev");
      const file = join(dir, "passphrase");
      const before = readFileSync(file, "utf8");
      for (const damage of [() => writeFileSync(file, "not-to-be-told"), () => rmSync(file)]) {
        damage();
        const { exitCode, text } = await project.tvk(["up"]);
        expect(exitCode).not.toBe(0);
        expect(text).toMatch(
          /Error: .*\/passphrase (does not hold|is gone).*\nPut a copy of it back/,
        );
        expect(text).not.toMatch(/not-to-be-told|incorrect passphrase|\n\s+at /);
        writeFileSync(file, before);
      }
      const clients = await project.management("GET", "/clients?fields=client_id");
      rmSync(dir, { recursive: true });
      const up = await project.tvk(["up"]);
      expect(up.exitCode, up.text).toBe(0);
      expect(await project.management("GET", "/clients?fields=client_id")).toEqual(clients);
      expect(await project.management("GET", "/connections")).toHaveLength(2);
      await isNoOp();
    },
    minutesMs,
  );

  test(
    "the helpdesk's database, damaged: one error names it; moved away, up goes on",
    async () => {
      await project.run("node", ["services/main.ts", "stop"], {
        env: { TVK_SERVICES_DIR: ".tvk/services", TVK_SERVICE: '{"name":"dev-helpdesk"}' },
      });
      const file = join(project.dir, ".tvk/stacks/dev/helpdesk.db");
      for (const each of ["-wal", "-shm"]) rmSync(`${file}${each}`, { force: true });
      writeFileSync(file, "this is no database".repeat(500));
      const { exitCode, text } = await project.tvk(["up"]);
      expect(exitCode).not.toBe(0);
      expect(text).toContain("helpdesk.db");
      expect(text).not.toMatch(/\n\s+at /);
      rmSync(file);
      const up = await project.tvk(["up"]);
      expect(up.exitCode, up.text).toBe(0);
      await isNoOp();
    },
    minutesMs,
  );
});
