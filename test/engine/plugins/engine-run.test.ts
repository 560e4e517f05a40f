/** The real engine with our plugins and the real tenant: a stack's whole life, and the state it leaves. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { requestProblem } from "../../tenant/spec/spec-fetch.ts";
import { type EngineProject, engineProject } from "./engine-project.ts";
import {
  named,
  needsReference,
  referencePresent,
  referenceState,
  stateDifferences,
} from "./reference.ts";
import { referenceProgram } from "./reference-program.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";

const minuteMs = 60_000;
const database = "Users";
const hush = "s3cr3t-helpdesk";

let bench: TenantBench;
let project: EngineProject;
beforeAll(async () => {
  bench = await tenantBench();
  const env = { ...bench.env, DOMAIN: bench.tenant.domain, DATABASE: database };
  project = await engineProject("rec", referenceProgram, env, bench.caFile);
}, 5 * minuteMs);
afterAll(async () => {
  project.remove();
  await bench.close();
});

/** Requests by method. */
function counted(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const request of bench.proxy.taken()) {
    const method = request.split(" ")[0] ?? "";
    counts[method] = (counts[method] ?? 0) + 1;
  }
  return counts;
}

// The tests are the steps of one stack's life: each begins where the one before ended.
suite("a stack of nine resources", { timeout: 3 * minuteMs }, () => {
  test("previews everything without a request", async () => {
    const text = await project.succeed(["preview"]);
    assert.match(text, /\+ 9 to create/);
    assert.deepEqual(bench.proxy.requests, []);
  });

  test("is made with eleven requests, where the official provider needs twenty-two", async () => {
    const text = await project.succeed(["up", "--yes", "--skip-preview"]);
    assert.match(text, /\+ 9 created/);
    assert.deepEqual(counted(), { POST: 5, PATCH: 3, GET: 3 });
  });

  test.runIf(referencePresent)(
    needsReference(
      "has the state that the official provider writes, but for what the tenant chose",
    ),
    async () => {
      const reference = referenceState("official-auth0-state.json");
      const ours = await project.state();
      const renames: [string, string][] = [
        [bench.tenant.domain, "localhost:4443"],
        [`"${database}"`, '"Username-Password-Authentication"'],
        ...["helpdesk", "database", "my-account", "agent", "my-account-grant"].map(
          (name): [string, string] => [named(ours, name).id ?? "", named(reference, name).id ?? ""],
        ),
      ];
      const sameText = (text: string) =>
        renames.reduce((renamed, [from, to]) => renamed.replaceAll(from, to), text);
      const differences = stateDifferences(reference, ours, sameText);
      assert.sameMembers(
        differences.map((line) => line.slice(0, line.indexOf(": "))),
        [
          // The recording's server blanks a key, and each tenant draws its own secret.
          "agent:outputs.signingKeys (secret)",
          "agent-credentials:outputs.clientSecret (secret)",
          // The recording's server answers a database without options; Auth0 and our tenant fill them.
          "database:outputs.options.authenticationMethods",
          "database:outputs.options.bruteForceProtection",
          "database:outputs.options.mfa",
          "database:outputs.options.passkeyOptions",
          "database:outputs.options.passwordPolicy",
          "database:outputs.options.strategyVersion",
        ],
      );
    },
  );

  test("has no secret in the clear, in no file and no output", async () => {
    const text = await project.succeed(["stack", "output", "--json"]);
    assert.notInclude(text, "plaintext");
    const secrets = [
      hush,
      bench.env["AUTH0_CLIENT_SECRET"] ?? "",
      bench.env["AUTH0_CLIENT_ID"] ?? "",
    ];
    for (const file of filesBelow(join(project.dir, "backend"))) {
      const content = readFileSync(file, "utf8");
      for (const secret of secrets) assert.isFalse(content.includes(secret), file);
    }
  });

  test("needs no request when nothing has changed", async () => {
    const before = bench.proxy.requests.length;
    assert.match(await project.succeed(["up", "--yes"]), /9 unchanged/);
    assert.lengthOf(bench.proxy.requests, before);
  });

  test("shows no difference in a refresh", async () => {
    counted();
    assert.match(await project.succeed(["refresh", "--yes", "--skip-preview"]), /9 unchanged/);
    assert.deepEqual(counted(), { GET: 8 });
    assert.match(await project.succeed(["up", "--yes", "--skip-preview"]), /9 unchanged/);
  });

  test("updates a client and a connection in place, and leaves the rest alone", async () => {
    counted();
    const env = { DESCRIPTION: "Changed", HELPDESK: "https://new.test" };
    const preview = await project.succeed(["preview", "--diff"], env);
    assert.match(preview, /~ description *: "Token Vault client" => "Changed"/);
    assert.match(
      preview,
      /~ tokenEndpoint *: "http:\/\/localhost:3001\/token" => "https:\/\/new.test\/token"/,
    );
    assert.notInclude(preview, hush);
    const text = await project.succeed(["up", "--yes", "--skip-preview"], env);
    assert.match(text, /~ 2 updated\n\s+7 unchanged/);
    // The GET: what a connection's options hold besides the program's.
    assert.deepEqual(counted(), { GET: 1, PATCH: 2 });
  });

  test("repairs drift that a refresh has found", async () => {
    const env = { DESCRIPTION: "Changed", HELPDESK: "https://new.test" };
    const { id } = named(await project.state(), "agent");
    await bench.api("PATCH", `/clients/${id}`, { description: "by hand", callbacks: [] });
    assert.match(await project.succeed(["refresh", "--yes", "--skip-preview"]), /~ 1 updated/);
    assert.match(await project.succeed(["up", "--yes", "--skip-preview"], env), /~ 1 updated/);
    const { description } = await bench.api("GET", `/clients/${id}`);
    assert.equal(String(description), "Changed");
  });

  test("replaces a connection of another name, and its clients with it", async () => {
    const env = { DESCRIPTION: "Changed", HELPDESK: "https://new.test", CONNECTION: "other-name" };
    const text = await project.succeed(["up", "--yes", "--skip-preview"], env);
    assert.match(text, /\+-2 replaced\n\s+7 unchanged/);
    assert.deepEqual(Object.values(await bench.api("GET", "/connections?name=acme-helpdesk")), []);
  });

  test("makes again what somebody has deleted", async () => {
    const env = { DESCRIPTION: "Changed", HELPDESK: "https://new.test", CONNECTION: "other-name" };
    const { id } = named(await project.state(), "my-account-grant");
    await bench.api("DELETE", `/client-grants/${id}`);
    await project.succeed(["refresh", "--yes", "--skip-preview"]);
    assert.match(await project.succeed(["up", "--yes", "--skip-preview"], env), /\+ 1 created/);
  });

  test("replaces a client on demand, with a new one", async () => {
    const env = { DESCRIPTION: "Changed", HELPDESK: "https://new.test", CONNECTION: "other-name" };
    const { id, urn } = named(await project.state(), "agent");
    await project.succeed(
      ["up", "--yes", "--skip-preview", "--target-replace", urn, "--target-dependents"],
      env,
    );
    assert.notEqual(named(await project.state(), "agent").id, id);
    assert.match(await project.succeed(["up", "--yes", "--skip-preview"], env), /9 unchanged/);
  });

  test("goes without leaving anything behind", async () => {
    const clients = Object.values(await bench.api("GET", "/clients?per_page=100")).length;
    await project.succeed(["destroy", "--yes", "--skip-preview"]);
    assert.lengthOf(Object.values(await bench.api("GET", "/clients?per_page=100")), clients - 1);
    assert.deepEqual(Object.values(await bench.api("GET", `/connections?name=${database}`)), []);
    assert.deepEqual(Object.values(await bench.api("GET", "/connections?name=other-name")), []);
  });

  test("has sent nothing that Auth0's published description would refuse", () => {
    const sent = bench.proxy.requests.filter(({ body }) => JSON.stringify(body) !== "{}");
    assert.isAbove(sent.length, 10);
    const problems = sent.map(({ method, path, body }) =>
      requestProblem(method, path.split("?")[0] ?? path, body),
    );
    assert.deepEqual(
      problems.filter((problem) => problem !== undefined),
      [],
    );
  });
});

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((file) => join(dir, file))
    .filter((file) => statSync(file).isFile());
}
