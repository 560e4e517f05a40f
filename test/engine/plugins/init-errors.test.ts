/** Creates that had their effect and failed all the same: the next run goes on from there, and makes nothing twice. */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { type Deployment, type EngineProject, engineProject } from "./engine-project.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";

const minuteMs = 60_000;
const timeout = 3 * minuteMs;
const up = ["up", "--yes", "--skip-preview"];

/** The login connection is there before the stack, as a shared one is. */
const program = `
  import * as auth0 from "@pulumi/auth0";
  import * as command from "@pulumi/command";
  const agent = new auth0.Client("agent", { name: "Half agent", appType: "regular_web" });
  const proof = new auth0.ClientCredentials("proof",
    { clientId: agent.id, authenticationMethod: "client_secret_basic" });
  const desk = new auth0.Connection("desk",
    { name: "half-desk", strategy: "oauth2", options: { clientId: "a", scopes: ["openid"] } });
  const api = new auth0.ResourceServer("api", { identifier: "https://half.example/" });
  new auth0.ClientGrant("grant", { clientId: agent.id, audience: api.identifier, scopes: [] });
  new auth0.ConnectionClients("all", { connectionId: desk.id, enabledClients: [agent.id] });
  new auth0.ConnectionClient("login",
    { connectionId: process.env.LOGIN_CONNECTION, clientId: agent.id }, { dependsOn: proof });
  new command.local.Command("said", { create: "echo made", update: "echo mended" });`;

let bench: TenantBench;
let project: EngineProject;
let login: string;
beforeAll(async () => {
  bench = await tenantBench();
  const found = await bench.api("GET", "/connections?name=Username-Password-Authentication");
  login = String((found as unknown as { id: string }[])[0]?.id);
  const env = { ...bench.env, LOGIN_CONNECTION: login };
  project = await engineProject("half", program, env, bench.caFile);
}, minuteMs);
afterAll(async () => {
  if (bench !== undefined) bench.proxy.fate = () => "pass";
  await project?.succeed(["destroy", "--yes", "--skip-preview"]);
  project?.remove();
  await bench?.close();
});

/** Everything of the stack in the tenant, as it stands there. */
async function objects(): Promise<unknown> {
  const named = async (path: string, name: string) =>
    Object.values(await bench.api("GET", path)).filter((each) => String(each["name"]) === name);
  return {
    clients: await named("/clients?per_page=100", "Half agent"),
    connections: await named("/connections?per_page=100", "half-desk"),
    grants: await bench.api("GET", "/client-grants?audience=https%3A%2F%2Fhalf.example%2F"),
    login: await bench.api("GET", `/connections/${login}/clients`),
  };
}

function resourcesOf({ resources }: Deployment, withErrors: boolean) {
  return resources.filter(({ initErrors = [] }) => initErrors.length > 0 === withErrors);
}

suite("a create that had its effect and failed all the same", { timeout }, () => {
  test("of which the state has no trace: the next up takes what is there, and makes nothing twice", async () => {
    bench.proxy.fate = ({ method, path }) =>
      method === "GET" && path.startsWith(`/api/v2/connections/${login}?`)
        ? { status: 403, body: { message: "not now" } }
        : "pass";
    const { exitCode, text } = await project.pulumi(up);
    assert.notEqual(exitCode, 0);
    assert.match(text, /creating urn:pulumi:dev::half::.*::login: GET .* answered 403: .*not now/);
    const before = await objects();
    bench.proxy.fate = () => "pass";
    bench.proxy.taken();
    assert.match(await project.succeed(up), /\+ 1 created/);
    assert.deepEqual(await objects(), before);
    assert.deepEqual(
      bench.proxy.taken().filter((each) => each.startsWith("POST")),
      [],
    );
    assert.match(await project.succeed([...up, "--expect-no-changes"]), /unchanged/);
  });

  test("which the state records as initErrors: the next up updates each in place, and the one after is a no-op", async () => {
    const before = await objects();
    // What the failed create did not come to: only the object itself shows it.
    const [agent] = (before as { clients: { client_id: string }[] }).clients;
    await bench.api("PATCH", `/clients/${agent?.client_id}`, { app_type: "native" });
    const state = await project.state();
    const own = state.resources.filter(
      ({ id, type }) => id !== undefined && !/^pulumi:/.test(type),
    );
    assert.lengthOf(own, 8);
    for (const each of own) each.initErrors = ["the tenant answered 500"];
    await project.importState(state);
    assert.lengthOf(resourcesOf(await project.state(), true), 8);
    bench.proxy.taken();
    const text = await project.succeed(up);
    assert.match(text, /~ 8 updated/);
    assert.notMatch(text, /created|replaced|deleted/);
    assert.deepEqual(
      bench.proxy.taken().filter((each) => /^(POST|DELETE)/.test(each)),
      [],
    );
    assert.deepEqual(await objects(), before);
    assert.deepEqual(resourcesOf(await project.state(), true), []);
    assert.match(await project.succeed([...up, "--expect-no-changes"]), /unchanged/);
    assert.match(
      await project.succeed(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]),
      /unchanged/,
    );
  });
});
