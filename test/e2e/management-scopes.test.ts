/** The rights of the Management application: exactly those of docs/real-tenant.md, no more and no fewer. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { managementScopes } from "../../cli/doctor/management-scopes.ts";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { sharedFolder } from "../tenant/spec/shared-folder.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";
import { type StoppingProxy, stoppingProxy } from "./stopping-proxy.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/real-tenant.md"), "utf8");
const recordings = join(sharedFolder("reference"), "official-auth0-traffic.jsonl");
const recorded = existsSync(recordings);
let project: ProjectFolder;
let proxy: StoppingProxy;
let audience: string;

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
}

beforeAll(async () => {
  project = await projectFolder();
  await project.json(["tenant", "start"]);
  audience = `https://localhost:${project.tenantPort}/api/v2/`;
  proxy = await stoppingProxy(join(project.dir, ".tvk/tenant"));
}, 120_000);
afterAll(async () => {
  await proxy?.close();
  await project?.remove();
});

/** A machine-to-machine application with these scopes, as an owner of a tenant makes one. */
async function application(name: string, scope: readonly string[]): Promise<Credentials> {
  const made = (await project.management("POST", "/clients", {
    name,
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "client_secret_post",
  })) as Credentials;
  const grant = { client_id: made.client_id, audience, scope, subject_type: "client" };
  await project.management("POST", "/client-grants", grant);
  return made;
}

/** What the tenant demands for each request, asked as somebody who may do nothing of it. */
async function demanded(requests: Iterable<string>): Promise<Set<string>> {
  const { client_id: clientId, client_secret: clientSecret } = await application("nobody", [
    "read:stats",
  ]);
  const domain = `localhost:${project.tenantPort}`;
  const granted = await fetch(`https://${domain}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      audience,
    }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const scopes = new Set<string>();
  for (const request of new Set(requests)) {
    const [method = "", path = ""] = request.split(" ");
    const answer = await fetch(`https://${domain}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method === "GET" || method === "DELETE" ? {} : { body: "{}" }),
    });
    const { message = "" } = (await answer.json()) as { message?: string };
    const [, list = ""] = /expected any of: (.*)$/.exec(message) ?? [];
    expect(answer.status, `${request}: ${message}`).toBe(403);
    scopes.add(list.split(",")[0] ?? "");
  }
  return scopes;
}

suite("a Management application with the scopes of docs/real-tenant.md", () => {
  test("the page lists them, and nothing else as a scope of the table", () => {
    const rows = [...page.matchAll(/^\| `((?:create|read|update|delete):[a-z_]+)` \|/gm)];
    expect(rows.map(([, scope]) => scope).sort()).toEqual([...managementScopes].sort());
  });

  test("is enough for up, no-op, a change, refresh and destroy; and each scope is demanded", async () => {
    const file = join(project.dir, ".tvk/tenant/management-client.json");
    const owner = JSON.parse(readFileSync(file, "utf8"));
    const exact = await application("exact", managementScopes);
    const mine = { clientId: exact.client_id, clientSecret: exact.client_secret };
    writeFileSync(file, JSON.stringify({ ...owner, ...mine }));
    const run = async (...args: string[]) => {
      const { exitCode, text } = await project.tvk(args, { env: proxy.env });
      expect(exitCode, text).toBe(0);
    };
    await run("up");
    await run("up", "--", "--expect-no-changes");
    await run("pulumi", "--", "refresh", "--yes", "--non-interactive", "--expect-no-changes");
    // The secret came with them too: a client without it could not sign anybody in.
    await project.json(["login"], 0, { user: alice });
    project.configure("dev", { scopes: ["openid", "profile", "read:tickets"] });
    await run("up");
    await run("destroy");
    writeFileSync(file, JSON.stringify(owner));

    const requests = proxy.seen.filter((request) => request.includes(" /api/v2/"));
    expect(requests.length).toBeGreaterThan(20);
    const scopes = await demanded(requests);
    // It is not demanded but adds the secret to what is read (Management API: get a client).
    scopes.add("read:client_keys");
    expect([...scopes].sort()).toEqual([...managementScopes].sort());
  }, 240_000);

  test.runIf(recorded)(
    `is what the official provider's recorded requests demand${recorded ? "" : ": NOT RUN, ../shared/reference is absent"}`,
    async () => {
      const lines = readFileSync(recordings, "utf8").trim().split("\n");
      const requests = lines
        .map((line) => JSON.parse(line) as { method: string; path: string })
        .filter(({ path }) => path.startsWith("/api/v2/"))
        .map(({ method, path }) => `${method} ${path.split("?")[0]}`)
        // The recorded program deletes its API; ours retains it.
        .filter((request) => !request.startsWith("DELETE /api/v2/resource-servers/"));
      const scopes = await demanded(requests);
      expect([...scopes].filter((scope) => !managementScopes.includes(scope))).toEqual([
        "read:client_credentials",
      ]);
    },
    120_000,
  );
});
