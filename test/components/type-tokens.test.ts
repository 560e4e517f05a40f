/** A component's type is in every user's state: to lose one is a breaking change. */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, suite, test } from "vitest";

const folder = resolve(import.meta.dirname, "../../components");

/** Every type that a published version has had. A line is added, never taken out. */
const published = [
  "token-vault-kit:index:BuiltInConnection",
  "token-vault-kit:index:Helpdesk",
  "token-vault-kit:index:MyAccountApi",
  "token-vault-kit:index:OAuth2Connection",
  "token-vault-kit:index:TokenVaultClient",
  "token-vault-kit:index:Tunnel",
];

suite("the types of the components", () => {
  const sources = globSync("*.ts", { cwd: folder }).map((name) =>
    readFileSync(resolve(folder, name), "utf8"),
  );

  test("each published one is a component's type still, or an alias of one", () => {
    const text = sources.join("\n");
    const lost = published.filter((type) => !text.includes(`"${type}"`));
    expect(lost, "give the component that took its place an alias { type }").toEqual([]);
  });

  test("each component's own is in the list", () => {
    const own = sources.flatMap((text) =>
      [...text.matchAll(/super\("([^"]+)"/g)].map(([, type]) => type),
    );
    expect(own.sort()).toEqual(published);
  });
});
