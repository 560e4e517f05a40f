/** @module go-auth0 v1 and v2, the libraries under the official Pulumi and Terraform providers: the Go tests beside this file. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { goFolder, goTests } from "./toolchains.ts";
import { type VaultWorld, vaultWorld } from "./vault-world.ts";

const run = promisify(execFile);

let tenant: VaultWorld;
let output: string;

beforeAll(async () => {
  tenant = await vaultWorld("golo");
  const { env } = tenant;
  output = await run(goTests, ["-test.v"], { cwd: goFolder, env }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
});
afterAll(() => tenant.close());

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
