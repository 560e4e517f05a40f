/** States and objects that others have made, under the real engine: read without a difference, joined, imported. */
import { afterAll, afterEach, assert, beforeAll, suite, test } from "vitest";
import { type Deployment, type EngineProject, engineProject } from "./engine-project.ts";
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
const timeout = 3 * minuteMs;

const projects: EngineProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

async function opened(...args: Parameters<typeof engineProject>): Promise<EngineProject> {
  const project = await engineProject(...args);
  projects.push(project);
  return project;
}

/** Puts a recorded state into a new stack. What belongs to the backend stays the stack's own. */
async function take(project: EngineProject, { resources }: Deployment): Promise<void> {
  // A run of an empty program makes the stack's own part.
  const own = await project.state();
  await project.importState({ ...own, resources });
}

suite("a state that an official provider wrote", { timeout }, () => {
  test.runIf(referencePresent)(
    needsReference("of auth0 is read without a difference and without a request"),
    async () => {
      const env = {
        // Nobody listens there: a request would fail.
        AUTH0_DOMAIN: "localhost:4443",
        AUTH0_CLIENT_ID: "unused",
        AUTH0_CLIENT_SECRET: "unused",
        DOMAIN: "localhost:4443",
        DATABASE: "Username-Password-Authentication",
      };
      const project = await opened("rec", referenceProgram, env);
      await take(project, referenceState("official-auth0-state.json"));
      assert.match(await project.succeed(["up", "--yes"]), /9 unchanged/);
    },
  );

  test.runIf(referencePresent)(
    needsReference("of command is what ours writes, and is read without a difference"),
    async () => {
      const reference = referenceState("official-command-state.json");
      const program = `
      import * as pulumi from "@pulumi/pulumi";
      import { local } from "@pulumi/command";
      const service = new local.Command("svc", {
        create: "echo started; echo warn >&2",
        update: "echo updated $PULUMI_COMMAND_STDOUT",
        delete: "echo stopped",
        environment: { PLAIN: "x", SECRET: pulumi.secret("s3cr3t-env") },
        triggers: ["1"],
      });
      export const out = service.stdout;`;
      const project = await opened("recc", program, {});
      await project.succeed(["up", "--yes", "--skip-preview"]);
      const ours = await project.state();
      const { id = "" } = named(ours, "svc");
      assert.match(id, /^svc[0-9a-f]{8}$/);
      const sameText = (text: string) => text.replaceAll(id, named(reference, "svc").id ?? "");
      assert.deepEqual(stateDifferences(reference, ours, sameText), []);
      await take(project, reference);
      assert.match(await project.succeed(["up", "--yes"]), /2 unchanged/);
      await project.succeed(["destroy", "--yes", "--skip-preview"]);
    },
  );
});

suite("objects that others have made", { timeout }, () => {
  let bench: TenantBench;
  beforeAll(async () => {
    bench = await tenantBench();
  }, minuteMs);
  afterAll(() => bench.close());

  /** One of two stacks that share the My Account API and the login connection. */
  const sharing = `
    import * as pulumi from "@pulumi/pulumi";
    import * as auth0 from "@pulumi/auth0";
    const identifier = "https://" + process.env.DOMAIN + "/me/";
    const found = await auth0.getResourceServer({ identifier }).catch((error) => {
      if (/404/.test(error.message)) return undefined;
      throw error;
    });
    const login = await auth0.getConnection({ name: "Username-Password-Authentication" });
    const server = new auth0.ResourceServer("my-account", {
      name: "Auth0 My Account API",
      identifier,
      signingAlg: "RS256",
      allowOfflineAccess: true,
      skipConsentForVerifiableFirstPartyClients: true,
      subjectTypeAuthorization: { user: { policy: "require_client_grant" } },
    }, {
      retainOnDelete: true,
      import: found?.id,
      ignoreChanges: [
        "name", "tokenLifetime", "tokenLifetimeForWeb", "subjectTypeAuthorization",
        "allowOfflineAccess", "signingAlg", "skipConsentForVerifiableFirstPartyClients",
      ],
    });
    const stack = process.env.WHO;
    const agent = new auth0.Client("agent2", {
      name: "Agent " + stack,
      appType: "regular_web",
      oidcConformant: true,
      clientMetadata: { tvk_stack: stack },
    });
    new auth0.ConnectionClient("login", { connectionId: login.id, clientId: agent.clientId });
    export const meId = server.id;`;

  test.runIf(referencePresent)(
    needsReference("are joined by two stacks, of which either goes without harm to the other"),
    async () => {
      const run = (who: string) =>
        opened(
          "rec2",
          sharing,
          { ...bench.env, DOMAIN: bench.tenant.domain, WHO: who },
          bench.caFile,
        );
      const [a, b] = [await run("a"), await run("b")];
      await a.succeed(["up", "--yes"]);
      const reference = referenceState("official-auth0-adopt-state.json");
      const ours = await a.state();
      const { id: login = "" } = named(ours, "login");
      const { id: recorded = "" } = named(reference, "login");
      const renames: (readonly [string, string])[] = [
        [bench.tenant.domain, "localhost:4443"],
        [login, recorded],
        ...login.split("::").map((part, at) => [part, recorded.split("::")[at] ?? ""] as const),
        [named(ours, "my-account").id ?? "", named(reference, "my-account").id ?? ""],
      ];
      const sameText = (text: string) =>
        renames.reduce((renamed, [from, to]) => renamed.replaceAll(from, to), text);
      assert.deepEqual(
        stateDifferences(reference, ours, sameText).map((line) => line.split(": ")[0]),
        // The recording's server blanks a key.
        ["agent2:outputs.signingKeys (secret)"],
      );

      assert.match(await b.succeed(["up", "--yes"]), /= 1 imported/);
      assert.equal(named(await b.state(), "my-account").id, named(ours, "my-account").id);
      assert.match(await a.succeed(["up", "--yes"]), /4 unchanged/);
      await b.succeed(["destroy", "--yes", "--skip-preview"]);
      assert.match(await a.succeed(["refresh", "--yes", "--skip-preview"]), /4 unchanged/);
      assert.match(await a.succeed(["up", "--yes"]), /4 unchanged/);
    },
  );

  test("are imported by hand, and then the program's", async () => {
    const name = "imported-desk";
    const { id } = await bench.api("POST", "/connections", {
      name,
      strategy: "oauth2",
      options: { client_id: "a", client_secret: "hush-hush", scope: ["openid"] },
    });
    const program = `
      import * as pulumi from "@pulumi/pulumi";
      import * as auth0 from "@pulumi/auth0";
      if (process.env.DECLARED) new auth0.Connection("desk", {
        name: "${name}",
        strategy: "oauth2",
        options: { clientId: "a", clientSecret: pulumi.secret("hush-hush"), scopes: ["openid"] },
      }, { import: process.env.IMPORT_ID });`;
    const byHand = await opened("rec3", program, bench.env, bench.caFile);
    const type = "auth0:index/connection:Connection";
    const options = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"];
    const text = await byHand.succeed(["import", ...options, type, "desk", String(id)]);
    assert.notInclude(text, "hush-hush");
    assert.match(await byHand.succeed(["up", "--yes"], { DECLARED: "1" }), /2 unchanged/);
    await byHand.succeed(["state", "delete", named(await byHand.state(), "desk").urn, "--yes"]);
    const env = { DECLARED: "1", IMPORT_ID: String(id) };
    assert.match(await byHand.succeed(["up", "--yes"], env), /= 1 imported/);
    assert.match(await byHand.succeed(["up", "--yes"], env), /2 unchanged/);
  });

  test("that do not exist cannot be imported", async () => {
    const project = await opened("rec4", "", bench.env, bench.caFile);
    const type = "auth0:index/client:Client";
    const options = ["--yes", "--skip-preview", "--generate-code=false"];
    const { exitCode, text } = await project.pulumi(["import", ...options, type, "agent", "none"]);
    assert.notEqual(exitCode, 0);
    assert.match(text, /does not exist/);
  });
});

test("a plugin folder of its own is all that the engine needs", { timeout }, async () => {
  // No other plugin is there: what ran in the suites above was ours.
  const project = await opened("rec5", "", {});
  const listed = await project.succeed(["plugin", "ls"]);
  assert.match(listed, /auth0 +resource +3\.49\.0/);
  assert.match(listed, /command +resource +4\.5\.0/);
});
