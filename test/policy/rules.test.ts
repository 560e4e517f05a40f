import { readFileSync } from "node:fs";
import { expect, suite, test } from "vitest";
import { rules } from "../../policy/pack.ts";
import { type Declared, type ResourceRule, type StackRule, types } from "../../policy/rule.ts";
import { type Inputs, samples } from "./samples.ts";

const resourceRules = rules.filter((rule): rule is ResourceRule => "check" in rule);
const stackRules = rules.filter((rule): rule is StackRule => "checkStack" in rule);

/** Names of the rules that inputs of a type break. */
function broken(type: string, inputs: Inputs): string[] {
  return resourceRules
    .filter((rule) => rule.type === type && rule.check(inputs).length > 0)
    .map(({ name }) => name);
}

suite("each rule about one resource", () => {
  test("has a sample", () => {
    expect(samples.map(({ rule }) => rule)).toEqual(resourceRules.map(({ name }) => name));
  });

  test.each(samples)(
    "$rule is kept by what keeps it, as is every other rule",
    ({ type, keeps }) => {
      expect(broken(type, keeps)).toEqual([]);
    },
  );

  test.each(samples)("$rule alone is broken, and says what was seen and what to do", (sample) => {
    expect(broken(sample.type, sample.breaks)).toEqual([sample.rule]);
    const rule = resourceRules.find(({ name }) => name === sample.rule);
    const found = rule?.check(sample.breaks) ?? [];
    expect(found).toHaveLength(sample.says.length);
    for (const [index, text] of sample.says.entries()) expect(found[index]).toContain(text);
  });

  test("an application without the vault's grant is left alone", () => {
    const inputs = {
      appType: "spa",
      isFirstParty: false,
      grantTypes: ["implicit"],
      callbacks: ["https://*.test", "http://app.test"],
      refreshToken: { rotationType: "rotating" },
    };
    expect(broken(types.client, inputs)).toEqual([]);
  });

  test("a login connection that no component made is left alone", () => {
    expect(broken(types.connection, { strategy: "auth0", options: {} })).toEqual([]);
    expect(broken(types.connection, { strategy: "oauth2", options: {} })).toEqual([]);
  });

  test("a connection that neither signs in nor connects accounts is of no use", () => {
    const inputs = { strategy: "oauth2", authentication: { active: false }, options: {} };
    expect(broken(types.connection, inputs)).toEqual(["connected-accounts-active"]);
  });

  test("a grant for another API is left alone", () => {
    const inputs = { audience: "https://orders.test/", scopes: ["read:orders"] };
    expect(broken(types.clientGrant, inputs)).toEqual([]);
  });

  test("inputs that are not there break nothing and throw nothing", () => {
    for (const type of Object.values(types)) expect(broken(type, {})).toEqual([]);
  });
});

suite("each rule about several resources", () => {
  const grant =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
  const agent: Declared = {
    type: types.client,
    name: "agent",
    props: { clientId: "one", grantTypes: [grant] },
  };
  const other: Declared = { type: types.client, name: "spa", props: { clientId: "two" } };
  const found = (name: string, ...resources: Declared[]) =>
    stackRules.find((rule) => rule.name === name)?.checkStack([agent, other, ...resources]);
  const credentials = (clientId: string, authenticationMethod: string): Declared => ({
    type: types.clientCredentials,
    name: `${clientId}-credentials`,
    props: { clientId, authenticationMethod },
  });
  const toManagement = (clientId: string): Declared => ({
    type: types.clientGrant,
    name: `${clientId}-grant`,
    props: { clientId, audience: "https://acme.test/api/v2/" },
  });

  test("vault-client-credentials wants a proof of a Token Vault client, and of no other", () => {
    const rule = "vault-client-credentials";
    expect(
      found(rule, credentials("one", "client_secret_post"), credentials("two", "none")),
    ).toEqual([]);
    expect(found(rule, credentials("one", "none"))).toEqual([
      expect.stringContaining('one-credentials: authenticationMethod is "none"; set it to'),
    ]);
  });

  test("vault-client-no-management refuses a Token Vault client the Management API, and no other", () => {
    const rule = "vault-client-no-management";
    expect(found(rule, toManagement("two"))).toEqual([]);
    expect(found(rule, toManagement("one"))).toEqual([
      expect.stringContaining('one-grant: audience is "https://acme.test/api/v2/"'),
    ]);
  });
});

suite("the pack", () => {
  test("has the package's version: the engine shows it", () => {
    const version = (file: string) => JSON.parse(readFileSync(file, "utf8")).version;
    expect(version("policy/package.json")).toBe(version("package.json"));
  });

  test("names each rule once, and docs/policy.md has all of them", () => {
    const names = rules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const page = readFileSync("docs/policy.md", "utf8");
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });
});
