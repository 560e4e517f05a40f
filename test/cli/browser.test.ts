/** @module Which browser shows a page. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { globalsOf } from "../../cli/globals.ts";
import { profilesDir, saveProfile } from "../../cli/profiles/profiles.ts";
import { personVisit } from "../../cli/sign-in/browser.ts";
import { testEnv } from "./run-tvk.ts";

describe("the browser", () => {
  it("--browser beats AUTH0_TV_BROWSER", () => {
    const env = { AUTH0_TV_BROWSER: "firefox" };
    expect(globalsOf({}, env).browser).toBe("firefox");
    expect(globalsOf({ browser: "chromium" }, env).browser).toBe("chromium");
  });

  it.runIf(process.platform === "linux")(
    "is given the address as one word, which is printed too",
    async () => {
      const env = testEnv();
      await saveProfile("any", { domain: "a.test", clientId: "c", local: false }, env);
      const seen = join(profilesDir(env), "seen");
      const app = join(profilesDir(env), "browser");
      writeFileSync(
        app,
        `#!/bin/sh\nprintf '%s|' "$@" > '${seen}.tmp' && mv '${seen}.tmp' '${seen}'\n`,
        { mode: 0o755 },
      );
      const printed: string[] = [];
      const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
        printed.push(String(text));
        return true;
      });
      const url = "https://a.test/authorize?a=1&b=$(touch x)";
      await personVisit("sign in", app, env)(url);
      spy.mockRestore();
      await vi.waitFor(() => expect(existsSync(seen)).toBe(true), 5_000);
      expect(readFileSync(seen, "utf8")).toBe(`${url}|`);
      expect(printed.join("")).toBe(`Open this page to sign in: ${url}\n`);
    },
  );
});
