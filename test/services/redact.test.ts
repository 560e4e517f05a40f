/** @module No secret of a service's environment in what people see of its log. */
import { expect, suite, test } from "vitest";
import { redact } from "../../services/redact.ts";

suite("redact()", () => {
  test.each([
    "CLIENT_SECRET",
    "SESSION_TOKEN",
    "DB_PASSWORD",
    "apiKey",
    "PASSPHRASE",
    "COOKIE_SALT",
  ])("hides the value of %s whatever it looks like", (name) => {
    expect(redact("it is open sesame, it is", { [name]: "open sesame" })).toBe(
      "it is [redacted], it is",
    );
  });

  test("hides a value that looks like a secret under any name", () => {
    const value = "k3Jx9vQ2mN8bT5rZ1wYc";
    expect(redact(`code ${value}`, { ANYTHING: value })).toBe("code [redacted]");
  });

  test("leaves ports, paths and URLs to be read", () => {
    const env = {
      PORT: "3001",
      DATABASE: "/var/lib/helpdesk/1/tickets.db",
      URL: "http://localhost:3001/a",
    };
    const text = "port 3001 is in use; /var/lib/helpdesk/1/tickets.db; http://localhost:3001/a";
    expect(redact(text, env)).toBe(text);
  });

  test("hides a secret as URLs and JSON write it", () => {
    const secret = 'a/b"c d';
    const text = `${encodeURIComponent(secret)} ${JSON.stringify(secret)} ${secret}`;
    expect(redact(text, { X_SECRET: secret })).toBe('[redacted] "[redacted]" [redacted]');
  });

  test("hides the whole of a secret that begins with another", () => {
    expect(redact("abcdefgh", { A_SECRET: "abcd", B_SECRET: "abcdefgh" })).toBe("[redacted]");
  });

  test("hides the password of a URL", () => {
    expect(redact("at postgres://desk:hunter2@localhost/db", {})).toBe(
      "at postgres://desk:[redacted]@localhost/db",
    );
  });
});
