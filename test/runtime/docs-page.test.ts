/** @module docs/runtime.md: its table has every code, and its blocks compile against the real doors. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { VaultErrorCode } from "../../runtime/errors.ts";

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
  it("has a row for every error code, and for no other", () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows.toSorted()).toEqual(Object.keys(codes).toSorted());
  });

  it("has code that compiles as it is written", () => {
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => `${text}`);
    expect(blocks.length).toBeGreaterThan(4);
    // In the repository, so that the package's own name leads to its doors.
    const dir = mkdtempSync(join(root, "test/runtime/.docs-"));
    try {
      const files = blocks.map((text, at) => {
        const file = join(dir, `block-${at}.ts`);
        writeFileSync(file, `${text}\nexport {};\n`);
        return file;
      });
      const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
      const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
      const program = ts.createProgram(files, {
        ...options,
        noUnusedLocals: false,
        noUnusedParameters: false,
      });
      const problems = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
      expect(problems).toEqual([]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
