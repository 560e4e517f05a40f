/** The Pulumi package schema, as `npm run schema` writes it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { findEngine } from "../../engine/find-engine.ts";

const main = resolve(import.meta.dirname, "../../pack/schema.ts");
const folder = mkdtempSync(join(tmpdir(), "tvk-schema-"));
const file = join(folder, "schema.json");

interface Schema {
  readonly version: string;
  readonly resources: Readonly<
    Record<
      string,
      {
        readonly isComponent: boolean;
        readonly inputProperties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
        readonly requiredInputs: readonly string[];
        readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      }
    >
  >;
}
let schema: Schema;

beforeAll(() => {
  execFileSync(process.execPath, [main, file]);
  schema = JSON.parse(readFileSync(file, "utf8"));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

suite("the package schema", () => {
  test("is one that the engine takes", async () => {
    const { pulumi } = await findEngine({ progress: () => {} });
    const { status, stderr, stdout } = spawnSync(pulumi, ["schema", "check", file], {
      encoding: "utf8",
    });
    expect(status, stdout + stderr).toBe(0);
  });

  test("has each component of the door, with what it requires", () => {
    expect(Object.keys(schema.resources).map((token) => token.split(":").at(-1))).toEqual([
      "BuiltInConnection",
      "Helpdesk",
      "MyAccountApi",
      "OAuth2Connection",
      "TokenVaultClient",
      "Tunnel",
    ]);
    const client = schema.resources["token-vault-kit:index:TokenVaultClient"];
    expect(client?.requiredInputs).toEqual(["name", "myAccountApi", "connections"]);
    expect(client?.isComponent).toBe(true);
  });

  test("marks secrets, and what must be known before the program runs", () => {
    const connection = schema.resources["token-vault-kit:index:OAuth2Connection"];
    expect(connection?.inputProperties["clientSecret"]).toMatchObject({
      type: "string",
      secret: true,
    });
    expect(connection?.inputProperties["clientSecret"]).not.toHaveProperty("plain");
    expect(connection?.inputProperties["name"]).toMatchObject({ plain: true });
    const client = schema.resources["token-vault-kit:index:TokenVaultClient"];
    expect(client?.properties["clientSecret"]).toMatchObject({ secret: true });
  });
});
