/** @module go-auth0 v1 and v2, the libraries under the official Pulumi and Terraform providers: the Go tests beside this file. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openWorld, type TenantWorld } from "../tenant/authentication/tenant-world.ts";
import { goFolder, goTests, trusting } from "./toolchains.ts";

const run = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), "tvk-go-"));

let world: TenantWorld;
let output: string;

beforeAll(async () => {
  world = await openWorld();
  const user = await world.signUp("golo@acme.test");
  await world.connect(user, "golo");
  const { domain, caPem, managementClient } = world.tenant;
  const env = {
    ...process.env,
    ...trusting(caPem, dir),
    TENANT_DOMAIN: domain,
    CLIENT_ID: managementClient.clientId,
    CLIENT_SECRET: managementClient.clientSecret,
    APP_ID: world.app.id,
    APP_SECRET: world.app.secret,
    REFRESH_TOKEN: user.refreshToken,
  };
  output = await run(goTests, ["-test.v"], { cwd: goFolder, env }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
});
afterAll(async () => {
  await world.close();
  rmSync(dir, { recursive: true, force: true });
});

suite("go-auth0", () => {
  test("v1 makes, reads, changes, lists and removes what the providers do", () => {
    expect(output).toMatch(/^--- PASS: TestV1Management /m);
  });

  test("v1 refreshes, signs a user up and exchanges at the vault", () => {
    expect(output).toMatch(/^--- PASS: TestV1Authentication /m);
  });

  test("v2 makes, reads, changes, lists and removes the same", () => {
    expect(output).toMatch(/^--- PASS: TestV2Management /m);
  });
});
