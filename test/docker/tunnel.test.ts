/**
 * The whole chain on the real engine: helpdesk in a container of a real daemon, tunnel by a real sshd, local
 * tenant. Then tunnels of two clouds, by stand-ins for their agents.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { freePorts } from "../free-ports.ts";
import { standInAgents } from "../services/stand-in-agents.ts";
import { importNodeImage, nodeImage } from "./node-image.ts";
import { type PrivateDaemon, privateDaemon } from "./private-daemon.ts";
import { type PrivateSshd, privateSshd } from "./private-sshd.ts";

const minuteMs = 60_000;
let daemon: PrivateDaemon;
let sshd: PrivateSshd;
let project: ProjectFolder;
let remotePort: number;
let environment: Record<string, string>;
beforeAll(async () => {
  [daemon, sshd, project] = await Promise.all([privateDaemon(), privateSshd(), projectFolder()]);
  await importNodeImage(daemon.docker);
  [remotePort = 0] = await freePorts(1);
  environment = { DOCKER_HOST: daemon.host, PATH: standInAgents(project.dir) };
}, 5 * minuteMs);
afterAll(async () => {
  await project?.remove();
  await sshd?.close();
  await daemon?.close();
});

async function tvk(...args: string[]): Promise<string> {
  const result = await project.tvk(args, { env: environment });
  assert.equal(result.exitCode, 0, result.text);
  return result.text;
}

function ssh(port: number) {
  return { kind: "ssh", ...sshd.keys, remotePort: port, url: `http://127.0.0.1:${port}` };
}

function inContainer(tunnel: Record<string, unknown>) {
  const helpdesk = { mode: "container", port: project.helpdeskPort, baseImage: nodeImage };
  project.configure("dev", { helpdesk, tunnel });
}

async function connectionUrls(): Promise<{ authorizationURL: string; tokenURL: string }> {
  const [connection] = (await project.management("GET", "/connections?name=acme-helpdesk")) as [
    { options: { authorizationURL: string; tokenURL: string } },
  ];
  const { authorizationURL, tokenURL } = connection.options;
  return { authorizationURL, tokenURL };
}

function record(): { pid: number; url: string } {
  return JSON.parse(readFileSync(join(project.dir, ".tvk/services/dev-tunnel.json"), "utf8"));
}

suite("tunnel.kind ssh, in front of a container", () => {
  test(
    "tvk up brings both up, and the connection's endpoints are the tunnel's",
    async () => {
      inContainer(ssh(remotePort));
      await tvk("up");
      const url = `http://127.0.0.1:${remotePort}`;
      assert.deepEqual(await connectionUrls(), {
        authorizationURL: `${url}/authorize`,
        tokenURL: `${url}/token`,
      });
      const health = (await (await fetch(`${url}/health`)).json()) as { issuer: string };
      assert.equal(health.issuer, url);
    },
    5 * minuteMs,
  );

  test(
    "tvk dev signs in, connects and fetches through it, and leaves what ran before",
    async () => {
      const text = await tvk("dev");
      assert.include(text, `Helpdesk    http://127.0.0.1:${remotePort}`);
      assert.match(text, /#\d+ {2}P[1-4] {2}\w+/);
      assert.match(await tvk("up", "--", "--expect-no-changes"), /unchanged/);
    },
    3 * minuteMs,
  );

  test(
    "a dead tunnel is a difference, and the next up mends it",
    async () => {
      const { pid } = record();
      process.kill(pid, "SIGKILL");
      assert.match(await tvk("preview"), /tunnel-agent/);
      await tvk("up");
      assert.notEqual(record().pid, pid);
      assert.match(await tvk("fetch", "acme-helpdesk", `${record().url}/tickets`), /"tickets"/);
    },
    3 * minuteMs,
  );

  test(
    "another URL updates the connection in place, and users stay connected",
    async () => {
      const [port = 0] = await freePorts(1);
      const { connectionId } = await outputs();
      inContainer(ssh(port));
      await tvk("up");
      assert.equal((await connectionUrls()).tokenURL, `http://127.0.0.1:${port}/token`);
      const after = await outputs();
      assert.equal(after.connectionId, connectionId);
      assert.deepEqual(after.allowedDomains, [`127.0.0.1:${port}`]);
      assert.match(
        await tvk("fetch", "acme-helpdesk", `http://127.0.0.1:${port}/tickets`),
        /"tickets"/,
      );
    },
    3 * minuteMs,
  );

  test(
    "a host whose key is unknown is refused, with what ssh says",
    async () => {
      inContainer({ ...ssh(remotePort), knownHostsFile: "/dev/null" });
      const { exitCode, text } = await project.tvk(["up"], { env: environment });
      assert.notEqual(exitCode, 0);
      assert.match(text, /Host key verification failed/);
    },
    3 * minuteMs,
  );

  test(
    "destroy leaves no container, volume, image or process",
    async () => {
      await tvk("destroy", "--yes");
      assert.deepEqual(await daemon.docker.listContainers({ all: true }), []);
      assert.deepEqual((await daemon.docker.listVolumes()).Volumes ?? [], []);
      const images = await daemon.docker.listImages({ all: true });
      assert.deepEqual(
        images.flatMap(({ RepoTags }) => RepoTags ?? ["an image without a name"]),
        [nodeImage],
      );
      assert.throws(() => record());
      const seen = await project.run("pgrep", ["-f", sshd.keys.identityFile]);
      assert.equal(seen.stdout, "");
    },
    2 * minuteMs,
  );
});

suite("tunnels of a cloud, by stand-ins for their agents", () => {
  test(
    "a quick tunnel's URL flows into the connection, a new one at restart in place",
    async () => {
      project.configure("dev", { tunnel: { kind: "cloudflared" } });
      await tvk("up");
      const first = record().url;
      assert.match(first, /^https:\/\/words-\d+\.trycloudflare\.com$/);
      assert.equal((await connectionUrls()).tokenURL, `${first}/token`);
      const before = await outputs();
      assert.deepEqual(before.allowedDomains, [new URL(first).host]);
      assert.match(await tvk("up", "--", "--expect-no-changes"), /unchanged/);
      process.kill(record().pid, "SIGKILL");
      await tvk("up");
      assert.notEqual(record().url, first);
      assert.equal((await connectionUrls()).tokenURL, `${record().url}/token`);
      assert.equal((await outputs()).connectionId, before.connectionId);
    },
    5 * minuteMs,
  );

  test("the helpdesk takes the quick tunnel's host for its own, and no other", async () => {
    const issuer = async (host: string) => {
      const headers = { "x-forwarded-host": host, "x-forwarded-proto": "https" };
      const answer = await fetch(`http://localhost:${project.helpdeskPort}/health`, { headers });
      return ((await answer.json()) as { issuer: string }).issuer;
    };
    assert.equal(await issuer(new URL(record().url).host), record().url);
    assert.equal(await issuer("evil.example.com"), `http://localhost:${project.helpdeskPort}`);
  });

  test(
    "another kind takes its place, and destroy ends it",
    async () => {
      const { pid } = record();
      project.configure("dev", { tunnel: { kind: "ngrok" } });
      await tvk("up");
      assert.match(record().url, /^https:\/\/\d+\.ngrok-free\.app$/);
      assert.isFalse(runs(pid));
      const last = record().pid;
      await tvk("destroy", "--yes");
      assert.isFalse(runs(last));
    },
    5 * minuteMs,
  );

  test(
    "a missing agent stops the run before anything is made",
    async () => {
      project.configure("dev", { tunnel: { kind: "ngrok" } });
      const { exitCode, text } = await project.tvk(["up"]);
      assert.notEqual(exitCode, 0);
      assert.include(text, "tunnel.kind is `ngrok`, and there is no ngrok on PATH");
      assert.include(text, "Install it");
      const connections = (await project.management("GET", "/connections")) as unknown[];
      assert.lengthOf(connections, 1);
    },
    minuteMs,
  );
});

/** Whether a process runs: one that has ended and that nobody has asked about yet does not. */
function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return false;
  }
}

/** Runs `up` and gives the stack's outputs. */
async function outputs(): Promise<{ connectionId: string; allowedDomains: string[] }> {
  const { exitCode, stdout, text } = await project.tvk(["--json", "up"], { env: environment });
  assert.equal(exitCode, 0, text);
  return JSON.parse(stdout).outputs;
}
