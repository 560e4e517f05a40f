/** @module docs/runtime.md: its table has every code, and its blocks compile against the real doors. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { VaultErrorCode } from "../../runtime/errors.ts";
import { namedTests, titlesOf } from "../documented-tests.ts";
import { compileProblems, typeScriptBlocks, withBlockFiles } from "../pack/documented-blocks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/runtime.md"), "utf8");

/** The compiler refuses this table when a code is missing or is none. */
const codes: Record<VaultErrorCode, true> = {
  NOT_CONNECTED: true,
  SCOPES_NEEDED: true,
  PROVIDER_REFUSED: true,
  LOGIN_REQUIRED: true,
  MFA_REQUIRED: true,
  GRANT_NOT_ENABLED: true,
  CONNECTION_OFF: true,
  CLIENT_AUTH_FAILED: true,
  MY_ACCOUNT_API_OFF: true,
  MY_ACCOUNT_GRANT_MISSING: true,
  MRRT_POLICY_MISSING: true,
  CONNECT_DENIED: true,
  CONNECT_EXPIRED: true,
  CONNECT_STATE_MISMATCH: true,
  DOMAIN_NOT_ALLOWED: true,
  INSECURE_URL: true,
  REDIRECT_REFUSED: true,
  RATE_LIMITED: true,
  TIMEOUT: true,
  NETWORK: true,
  TENANT_REFUSED: true,
};

describe("docs/runtime.md", () => {
  const named = namedTests(page);

  it("names a test for each way in which vaults break", () => {
    const [, table = ""] = page.split("## How vaults and their clients break");
    const rows = table.split("\n").filter((line) => /^\| (?!failure|---)/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    expect(named).toHaveLength(rows.length);
  });

  it.each(named)("%s has the test %j", (file, title) => {
    expect(titlesOf(file)).toContain(title);
  });

  it("has a row for every error code, and for no other", () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows.toSorted()).toEqual(Object.keys(codes).toSorted());
  });

  it("has code that compiles as it is written", async () => {
    const blocks = typeScriptBlocks("runtime.md");
    expect(blocks.length).toBeGreaterThan(4);
    expect(await withBlockFiles(blocks, compileProblems)).toEqual([]);
  });
});
