/** @module auth0-deploy-cli beside us: the same objects, imported into a local tenant of its own. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { profileScript } from "../scripts/profile-script.ts";
import { type ProjectFolder, projectFolder } from "../test/e2e/project-folder.ts";
import { type StoppingProxy, stoppingProxy } from "../test/e2e/stopping-proxy.ts";

/** The version that is measured: the newest when this was written. */
const version = "8.44.0";
const run = promisify(execFile);

/** Requests and milliseconds of one import. */
export interface Imported {
  readonly requests: readonly string[];
  readonly ms: number;
}

/** A tenant and the command, installed into a folder that goes with it. */
export interface DeployCli {
  /** Imports so many connections, the first with these scopes, and the client that may use them. */
  import(connections: number, scopes: readonly string[]): Promise<Imported>;
  close(): Promise<void>;
}

/** Installs it (npm, without scripts) and starts a tenant for it. */
export async function deployCli(): Promise<DeployCli> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-deploy-cli-"));
  writeFileSync(join(dir, "package.json"), "{}");
  const npm = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", [...npm, `auth0-deploy-cli@${version}`], { cwd: dir });
  const project = await projectFolder();
  const started = await project.tvk(["tenant", "start"]);
  if (started.exitCode !== 0) throw new Error(started.text);
  const proxy = await stoppingProxy(join(project.dir, ".tvk/tenant"));
  return {
    import: (connections, scopes) => imported(dir, project, proxy, content(connections, scopes)),
    async close() {
      await proxy.close();
      await project.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function imported(
  dir: string,
  project: ProjectFolder,
  proxy: StoppingProxy,
  tenant: object,
): Promise<Imported> {
  const file = join(dir, "content", "tenant.yaml");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, stringify(tenant));
  const kept = join(project.dir, ".tvk/tenant");
  const client = JSON.parse(readFileSync(join(kept, "management-client.json"), "utf8"));
  void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
  const start = performance.now();
  await run(
    process.execPath,
    [join(dir, "node_modules/auth0-deploy-cli/lib/index.js"), "import", "-i", file],
    {
      cwd: dir,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        ...proxy.env,
        NODE_EXTRA_CA_CERTS: join(kept, "ca.pem"),
        AUTH0_DOMAIN: client.domain,
        AUTH0_CLIENT_ID: client.clientId,
        AUTH0_CLIENT_SECRET: client.clientSecret,
        AUTH0_INCLUDED_ONLY: '["clients","connections","resourceServers","clientGrants"]',
      },
    },
  );
  return { requests: [...proxy.seen], ms: performance.now() - start };
}

/** What bench/connections-program.ts declares, in its terms. */
function content(count: number, scopes: readonly string[]): object {
  const api = "https://desk.acme.test";
  const names = Array.from({ length: count }, (_, index) => `bench-${index + 1}`);
  return {
    clients: [
      {
        name: "bench agent",
        app_type: "regular_web",
        is_first_party: true,
        oidc_conformant: true,
        callbacks: [`${api}/callback`],
        grant_types: ["authorization_code", "refresh_token"],
        jwt_configuration: { alg: "RS256" },
      },
    ],
    connections: names.map((name, index) => ({
      name,
      strategy: "oauth2",
      display_name: name,
      enabled_clients: ["bench agent"],
      options: {
        authorizationURL: `${api}/authorize`,
        tokenURL: `${api}/token`,
        client_id: "auth0",
        client_secret: "a secret of the bench",
        scope: (index === 0 ? scopes : ["openid", "profile"]).join(" "),
        scripts: { fetchUserProfile: profileScript({ userinfoUrl: `${api}/userinfo` }) },
      },
    })),
    resourceServers: [
      { name: "bench API", identifier: `${api}/api`, scopes: [{ value: "read:tickets" }] },
    ],
    clientGrants: [{ client_id: "bench agent", audience: `${api}/api`, scope: ["read:tickets"] }],
  };
}
