/** The tutorial's checkpoints, one after the other, with `tvk` where it says `auth0-tv`. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice, type DemoUser } from "../../cli/sign-in/demo-user.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
let host: string;

beforeAll(async () => {
  project = await projectFolder();
  host = `http://localhost:${project.helpdeskPort}`;
  const up = await project.tvk(["up"]);
  if (up.exitCode !== 0) throw new Error(up.text);
}, 300_000);
afterAll(() => project?.remove());

/** The helpdesk's seeded carol, who is offered the sign-in form and the helpdesk's button. */
const carol: DemoUser = { ...alice, email: "carol@acme.test" };

suite("the tutorial", () => {
  test("the helpdesk is alive: health by curl", async () => {
    const { exitCode, stdout } = await project.run("curl", ["-sSf", `${host}/health`]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "ok", service: "acme-helpdesk" });
  });

  test("the authorize URL shows the helpdesk's login form", async () => {
    const query =
      `client_id=auth0-custom-oauth2&redirect_uri=https://localhost:${project.tenantPort}/login/callback` +
      "&response_type=code&scope=openid+profile+read:tickets+write:tickets&state=x";
    const { stdout } = await project.run("curl", [
      "-sSfL",
      "-c",
      "jar",
      "-b",
      "jar",
      `${host}/authorize?${query}`,
    ]);
    expect(stdout).toMatch(/<input[^>]+type="password"/);
  });

  test("the connection's connected_accounts is active in the Management API", async () => {
    const [connection] = (await project.management(
      "GET",
      "/connections?name=acme-helpdesk",
    )) as object[];
    expect(connection).toMatchObject({ strategy: "oauth2", connected_accounts: { active: true } });
  });

  test("a person signs up with e-mail and password", async () => {
    const { signInWith: _, ...typed } = alice;
    const dave: DemoUser = {
      ...typed,
      email: "dave@example.test",
      password: "Tr0ub4dor&3-long",
      signInWith: "Sign up",
    };
    const { exitCode, text } = await project.tvk(["login"], { user: dave });
    expect(exitCode, text).toBe(0);
    expect(await project.json(["status"])).toMatchObject({
      loggedIn: true,
      user: { email: "dave@example.test" },
    });
  }, 60_000);

  test('a person signs in by "Continue with Acme-helpdesk"', async () => {
    await project.tvk(["logout", "--local"]);
    const button: DemoUser = { ...carol, signInWith: "Continue with Acme-helpdesk" };
    const { exitCode, text } = await project.tvk(["login"], { user: button });
    expect(exitCode, text).toBe(0);
    const status = (await project.json(["status"])) as { user: { sub: string; email: string } };
    expect(status.user.sub).toMatch(/^oauth2\|acme-helpdesk\|/);
    expect(status.user.email).toBe("carol@acme.test");
  }, 60_000);

  test("connect with the tutorial's scopes, as alice, then connections lists it", async () => {
    const scopes = "openid,profile,read:tickets,write:tickets";
    const domains = new URL(host).host;
    const connected = await project.json(
      ["connect", "acme-helpdesk", "--scopes", scopes, "--allowed-domains", domains],
      0,
      { user: alice },
    );
    expect(connected).toMatchObject({ status: "connected", connection: "acme-helpdesk" });
    const { connections } = (await project.json(["connections"])) as {
      connections: { connection: string; scopes: string[]; remote: boolean }[];
    };
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject({ connection: "acme-helpdesk", remote: true });
    expect([...(connections[0]?.scopes ?? [])].sort()).toEqual(scopes.split(",").sort());
  }, 60_000);

  test("fetch lists tickets, and the four prompts are one fetch each", async () => {
    const fetched = async (...args: string[]) =>
      (await project.json(["fetch", "acme-helpdesk", ...args])) as {
        status: number;
        body: { tickets: { status: string; team: string; assignee: string }[] } & Record<
          string,
          unknown
        >;
      };
    expect(await fetched(`${host}/tickets`)).toMatchObject({ status: 200 });
    const mine = await fetched(`${host}/tickets?assignee=me&status=open`);
    expect(mine.body.tickets.length).toBeGreaterThan(0);
    // The account is alice's, whoever signed in: carol connected hers.
    expect(new Set(mine.body.tickets.map(({ assignee }) => assignee))).toEqual(
      new Set(["alice@acme.test"]),
    );
    const incident = {
      title: "Checkout 500s spiking",
      priority: "P1",
      type: "incident",
      team: "payments",
    };
    const opened = await fetched(
      `${host}/tickets`,
      "-X",
      "POST",
      "-H",
      "content-type: application/json",
      "-d",
      JSON.stringify(incident),
    );
    expect(opened).toMatchObject({ status: 201, body: incident });
    const platform = await fetched(`${host}/tickets?team=platform&status=in_progress`);
    expect(platform.body.tickets.length).toBeGreaterThan(0);
    const resolved = await fetched(
      `${host}/tickets/42`,
      "-X",
      "PATCH",
      "-H",
      "content-type: application/json",
      "-d",
      '{"status":"resolved"}',
    );
    expect(resolved).toMatchObject({ status: 200, body: { id: 42, status: "resolved" } });
  }, 60_000);

  test("disconnect --remote forgets the account, and fetch asks to connect again", async () => {
    expect(await project.json(["disconnect", "acme-helpdesk", "--remote", "--yes"])).toMatchObject({
      status: "disconnected",
    });
    const { exitCode } = await project.tvk(["--json", "fetch", "acme-helpdesk", `${host}/tickets`]);
    expect(exitCode).toBe(4);
  }, 60_000);

  test("logout forgets the user, and fetch asks to sign in", async () => {
    expect(await project.json(["logout", "--local"])).toEqual({ status: "logged_out" });
    const { exitCode } = await project.tvk(["--json", "fetch", "acme-helpdesk", `${host}/tickets`]);
    expect(exitCode).toBe(3);
  }, 60_000);

  test("the tenant's log tells what happened, newest last", async () => {
    const events = (await project.json(["tenant", "logs"])) as { type: string }[];
    const types = events.map(({ type }) => type);
    expect(types).toContain("connected_accounts_connection_succeeded");
    expect(types.lastIndexOf("connected_accounts_delete_succeeded")).toBeGreaterThan(
      types.indexOf("connected_accounts_connection_succeeded"),
    );
  }, 60_000);

  test("nothing that the kit sent is without its effect on the tenant", async () => {
    const query = "/logs?per_page=100&q=client_name:%22local%20tenant%22";
    const entries = (await project.management("GET", query)) as { description: string }[];
    expect(entries.map(({ description }) => description)).toEqual([]);
    // The question finds such entries where there are some.
    await project.management("POST", "/clients", { name: "probe", par_request_expiry: 60 });
    expect(await project.management("GET", query)).toMatchObject([
      { description: expect.stringContaining("par_request_expiry") },
    ]);
  });
});
