/**
 * The stack itself on the real engine: what a no-op asks the tenant, and outside edits of every resource at once.
 *
 * One resource is an exception: the My Account API is the tenant's own, shared by all stacks, and the program
 * ignores changes of what the server owns of it (components/my-account-api.ts names them).
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { type StoppingProxy, stoppingProxy } from "../e2e/stopping-proxy.ts";

const minuteMs = 60_000;
const engine = ["--yes", "--skip-preview", "--non-interactive"];
let project: ProjectFolder;
let proxy: StoppingProxy;

beforeAll(async () => {
  project = await projectFolder();
  await succeed(["tenant", "start"]);
  proxy = await stoppingProxy(join(project.dir, ".tvk/tenant"));
  await succeed(["up"]);
}, 5 * minuteMs);
afterAll(async () => {
  await proxy?.close();
  await project?.remove();
});

async function succeed(args: string[], env: Record<string, string | undefined> = {}) {
  const { exitCode, text } = await project.tvk(args, { env });
  expect(exitCode, text).toBe(0);
  return text;
}

interface Named {
  readonly id: string;
  readonly client_id: string;
  readonly name: string;
  readonly identifier?: string;
}

async function find(path: string, matches: (each: Named) => boolean): Promise<Named> {
  const found = ((await project.management("GET", path)) as Named[]).find(matches);
  if (found === undefined) throw new Error(`nothing of the stack in ${path}`);
  return found;
}

suite("a stack that is up", { timeout: 4 * minuteMs }, () => {
  test("asks the tenant nothing in a no-op but its three look-ups, and a token for them", async () => {
    void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
    await succeed(["up", "--", "--skip-preview", "--expect-no-changes"], proxy.env);
    const seen = proxy.seen.map((line) => line.replace(/(%|con_)[^/]*/, "…"));
    expect([...seen].sort()).toEqual([
      "GET /api/v2/connections",
      "GET /api/v2/connections/…/clients",
      "GET /api/v2/resource-servers/https…",
      "POST /oauth/token",
    ]);
  });

  test("has an edit of every resource found by refresh and repaired by up, and then is still", async () => {
    const agent = await find("/clients?per_page=100", ({ name }) => name === "Token Vault agent");
    const desk = await find("/connections", ({ name }) => name === "acme-helpdesk");
    const login = await find("/connections", ({ name }) => name !== "acme-helpdesk");
    const grant = await find(
      `/client-grants?client_id=${agent.client_id}`,
      ({ client_id: id }) => id === agent.client_id,
    );
    const api = await find(
      "/resource-servers",
      (each) => each.identifier?.endsWith("/me/") === true,
    );
    const off = [{ client_id: agent.client_id, status: false }];
    const change = (path: string, body: unknown) => project.management("PATCH", path, body);
    await change(`/clients/${agent.client_id}`, {
      description: "by hand",
      token_endpoint_auth_method: "client_secret_basic",
    });
    const { options } = (await project.management("GET", `/connections/${desk.id}`)) as {
      options: Record<string, unknown>;
    };
    await change(`/connections/${desk.id}`, { options: { ...options, scope: ["openid"] } });
    await change(`/connections/${desk.id}/clients`, off);
    await change(`/connections/${login.id}/clients`, off);
    await change(`/client-grants/${grant.id}`, { scope: [] });
    await change(`/resource-servers/${api.id}`, { token_lifetime: 1234 });

    const refresh = await succeed(["pulumi", "--", "refresh", ...engine]);
    for (const type of ["Client", "ClientCredentials", "Connection", "ConnectionClients"]) {
      expect(refresh).toMatch(new RegExp(`auth0:index:${type} \\S+ .*updated`));
    }
    expect(refresh).toMatch(/auth0:index:ClientGrant \S+ .*updated/);
    expect(refresh).toMatch(/auth0:index:ConnectionClient \S+ .*deleted/);

    await succeed(["up"]);
    expect(await project.management("GET", `/client-grants/${grant.id}`)).toMatchObject({
      scope: expect.arrayContaining(["read:me:connected_accounts"]),
    });
    expect(await project.management("GET", `/connections/${desk.id}`)).toMatchObject({
      options: { scope: options["scope"] },
    });
    await succeed(["preview", "--", "--expect-no-changes"]);
    await succeed(["pulumi", "--", "refresh", ...engine, "--expect-no-changes"]);
    // The exception: what the server owns of the My Account API stays as somebody set it.
    expect(await project.management("GET", `/resource-servers/${api.id}`)).toMatchObject({
      token_lifetime: 1234,
    });
  });
});
