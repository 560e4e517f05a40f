/** @module Which addresses the allow-list lets through. */
import { describe, expect, it } from "vitest";
import { checkUrl, hostRules, isLoopback } from "../../runtime/allowed-hosts.ts";
import { VaultError } from "../../runtime/errors.ts";

function verdict(url: string, ...rules: string[]): string {
  try {
    checkUrl(new URL(url), hostRules(rules), "desk");
    return "allowed";
  } catch (error) {
    return error instanceof VaultError ? error.code : String(error);
  }
}

describe("hostRules()", () => {
  it.each([
    "",
    "*",
    "*.",
    "https://api.test",
    "api.test/path",
    "user@api.test",
    "a b",
    "api.test:port",
    "::1",
    "*.*",
  ])("refuses %j, which is no host", (entry) => {
    expect(() => hostRules([entry])).toThrow(TypeError);
    expect(() => hostRules([entry])).toThrow("allowedDomains");
  });
});

describe("checkUrl()", () => {
  it.each([
    ["https://api.test/x", "api.test", "allowed"],
    ["https://API.test/x", "Api.Test", "allowed"],
    ["https://api.test:8443/x", "api.test", "allowed"],
    ["https://api.test:8443/x", "api.test:8443", "allowed"],
    ["https://api.test/x", "api.test:443", "allowed"],
    ["http://localhost/x", "localhost:80", "allowed"],
    ["https://api.test:8443/x", "api.test:08443", "allowed"],
    ["https://api.test:8443/x", "api.test:443", "DOMAIN_NOT_ALLOWED"],
    ["https://api.test:8443/x", "api.test:844", "DOMAIN_NOT_ALLOWED"],
    ["https://api.test./x", "api.test", "allowed"],
    ["https://api.test/x", "api.test.", "allowed"],
    ["https://api.test../x", "api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://a.api.test/x", "api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://a.b.api.test/x", "*.api.test", "allowed"],
    ["https://api.test/x", "*.api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://evilapi.test/x", "*.api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://api.test.evil.test/x", "api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://a.api.test:8443/x", "*.api.test:8443", "allowed"],
    ["https://a.api.test/x", "*.api.test:8443", "DOMAIN_NOT_ALLOWED"],
    ["https://bücher.test/x", "xn--bcher-kva.test", "allowed"],
    ["https://xn--bcher-kva.test/x", "Bücher.test", "allowed"],
    ["https://аpi.test/x", "api.test", "DOMAIN_NOT_ALLOWED"],
    ["https://api。test/x", "api.test", "allowed"],
    ["https://[::1]:3001/x", "[::1]:3001", "allowed"],
    ["https://[0:0:0:0:0:0:0:1]/x", "[::1]", "allowed"],
    ["https://[::1]:3001/x", "[::1]:3002", "DOMAIN_NOT_ALLOWED"],
    ["https://2130706433/x", "127.0.0.1", "allowed"],
    ["http://localhost:3001/x", "localhost:3001", "allowed"],
    ["http://desk.localhost/x", "*.localhost", "allowed"],
    ["http://127.9.9.9/x", "127.9.9.9", "allowed"],
    ["http://[::1]/x", "[::1]", "allowed"],
    ["http://api.test/x", "api.test", "INSECURE_URL"],
    ["http://localhost.evil.test/x", "localhost.evil.test", "INSECURE_URL"],
    ["http://127.0.0.1.evil.test/x", "127.0.0.1.evil.test", "INSECURE_URL"],
    ["http://[::ffff:127.0.0.1]/x", "[::ffff:127.0.0.1]", "INSECURE_URL"],
    ["ftp://api.test/x", "api.test", "INSECURE_URL"],
    ["file:///etc/passwd", "api.test", "INSECURE_URL"],
    ["https://user:pw@api.test/x", "api.test", "INSECURE_URL"],
    ["https://api.test@evil.test/x", "api.test", "INSECURE_URL"],
    ["https://evil.test\\@api.test/x", "api.test", "DOMAIN_NOT_ALLOWED"],
  ])("%s with the rule %s: %s", (url, rule, expected) => {
    expect(verdict(url, rule)).toBe(expected);
  });

  it("lets nothing through when the list is empty", () => {
    expect(verdict("https://api.test/")).toBe("DOMAIN_NOT_ALLOWED");
  });

  it("names host and connection in the error, never user info", () => {
    expect(() => checkUrl(new URL("https://user:hunter2@evil.test/"), [], "desk")).toThrow(
      expect.objectContaining({
        message: "https://evil.test is not https or carries user info",
        connection: "desk",
        host: "evil.test",
      }),
    );
  });
});

describe("isLoopback()", () => {
  it.each(["localhost", "a.b.localhost", "127.0.0.1", "127.255.0.3", "[::1]", "localhost."])(
    "%s is loopback",
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(["example.test", "mylocalhost", "128.0.0.1", "10.0.0.1", "[::2]", "127.0.0.1.test"])(
    "%s is not",
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
