/** @module Settings from the environment: defaults, lists, every problem at once. */
import { expect, suite, test } from "vitest";
import { checkSettings, HelpdeskSettingsError, readSettings } from "../../helpdesk/settings.ts";

const callback = "https://acme.example/login/callback";

function problems(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof HelpdeskSettingsError) return error.problems;
    throw error;
  }
  return [];
}

suite("readSettings()", () => {
  test("fills in the defaults of docs/architecture.md", () => {
    expect(readSettings({ OAUTH2_REDIRECT_URI: callback })).toEqual({
      port: 3001,
      host: "localhost",
      trustedHosts: [],
      clientId: "auth0-custom-oauth2",
      redirectUris: [callback],
      accessTokenTtlSeconds: 3600,
    });
  });

  test("reads every variable", () => {
    const settings = readSettings({
      PORT: "4001",
      HOST: "0.0.0.0",
      HELPDESK_PUBLIC_URL: "https://desk.example/",
      HELPDESK_TRUSTED_HOSTS: "*.ngrok-free.app, desk.example:8443",
      OAUTH2_CLIENT_ID: "other-client",
      OAUTH2_CLIENT_SECRET: "c".repeat(16),
      OAUTH2_REDIRECT_URI: `${callback}, https://login.acme.example/login/callback ,`,
      SESSION_SECRET: "s".repeat(16),
      TOKEN_SECRET: "t".repeat(16),
      DATABASE: "data/helpdesk.db",
    });
    expect(settings).toEqual({
      port: 4001,
      host: "0.0.0.0",
      publicUrl: "https://desk.example",
      trustedHosts: ["*.ngrok-free.app", "desk.example:8443"],
      clientId: "other-client",
      clientSecret: "c".repeat(16),
      redirectUris: [callback, "https://login.acme.example/login/callback"],
      sessionSecret: "s".repeat(16),
      tokenSecret: "t".repeat(16),
      database: "data/helpdesk.db",
      accessTokenTtlSeconds: 3600,
    });
  });

  test("takes an empty variable as one that is not set", () => {
    const settings = readSettings({ OAUTH2_REDIRECT_URI: callback, PORT: "", DATABASE: " " });
    expect(settings.port).toBe(3001);
    expect(settings.database).toBeUndefined();
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "3001x"],
    ["HELPDESK_PUBLIC_URL", "desk.example"],
    ["HELPDESK_PUBLIC_URL", "https://desk.example/path"],
    ["HELPDESK_TRUSTED_HOSTS", "https://desk.example"],
    ["HELPDESK_TRUSTED_HOSTS", "*desk.example"],
    ["OAUTH2_CLIENT_SECRET", "short"],
    ["SESSION_SECRET", "x".repeat(1025)],
    ["OAUTH2_REDIRECT_URI", "ftp://acme.example/"],
    ["OAUTH2_REDIRECT_URI", `${callback}#fragment`],
  ])("refuses %s=%s, and does not repeat a value", (name, value) => {
    const found = problems({ OAUTH2_REDIRECT_URI: callback, [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(name)).toBe(true);
    expect(found[0]).not.toContain(value);
  });

  test("tells every problem at once", () => {
    const found = problems({ PORT: "x", TOKEN_SECRET: "short" });
    expect(found.map((problem) => problem.split(":")[0])).toEqual([
      "PORT",
      "OAUTH2_REDIRECT_URI",
      "TOKEN_SECRET",
    ]);
  });
});

suite("checkSettings()", () => {
  test("names options that there are not", () => {
    const options = { redirectUris: [callback], redirectUri: callback };
    expect(() => checkSettings(options)).toThrow(/redirectUri/);
  });
});
