/** @module A Docker daemon of the tests' own: its own folders, socket and bridge; ended by its pid. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

export interface PrivateDaemon {
  /** What DOCKER_HOST takes. */
  readonly host: string;
  readonly docker: Docker;
  /** Address of the machine as containers on the daemon's bridge see it. */
  readonly gateway: string;
  /** The start of its bridges' names; containers reach one another over bridges so called. */
  readonly bridge: string;
  readonly storageDriver: string;
  /** Ends the daemon with every container of it, and removes its folder and bridge. */
  close(): Promise<void>;
}

/** Where Debian puts daemons and `ip`; a person's PATH may lack it. */
const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
/** overlay2 needs a kernel and a file system that can; vfs copies and runs anywhere. */
const storageDrivers = ["overlay2", "vfs"];
const startMs = 30_000;

/**
 * Starts a daemon.
 *
 * It has a bridge of its own and leaves the packet filter alone but for one rule about that bridge
 * (published ports go through Docker's own proxy), so that it does not disturb a daemon that the
 * machine has already.
 *
 * @throws {Error} "docker: needs root", or what the daemon's log ends with.
 */
export async function privateDaemon(): Promise<PrivateDaemon> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      "docker: needs root to start a daemon of the tests' own (sudo npm run test:docker)",
    );
  }
  const dir = mkdtempSync(join(tmpdir(), "tvk-dockerd-"));
  const bridge = makeBridge();
  try {
    for (const driver of storageDrivers) {
      const started = await start(dir, bridge.name, driver);
      if (started !== undefined) return daemonOf(dir, bridge, driver, started);
    }
    throw new Error(`docker: dockerd does not start:\n${logOf(dir)}`);
  } catch (error) {
    bridge.remove();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

function daemonOf(
  dir: string,
  bridge: Bridge,
  storageDriver: string,
  { pid, docker }: Started,
): PrivateDaemon {
  return {
    host: `unix://${join(dir, "docker.sock")}`,
    docker,
    gateway: bridge.gateway,
    bridge: bridge.name,
    storageDriver,
    async close() {
      const containers = await docker.listContainers({ all: true });
      for (const { Id } of containers)
        await docker.getContainer(Id).remove({ force: true, v: true });
      await end(pid);
      bridge.remove();
      // What a shim still has mounted is let go a moment after the daemon's end.
      for (let tries = 0; tries < 20; tries++) {
        try {
          rmSync(dir, { recursive: true, force: true });
          return;
        } catch {
          await sleep(100);
        }
      }
    },
  };
}

interface Started {
  readonly pid: number;
  readonly docker: Docker;
}

async function start(dir: string, bridge: string, driver: string): Promise<Started | undefined> {
  const socketPath = join(dir, "docker.sock");
  const log = openSync(join(dir, "log"), "w");
  const child = spawn(
    "dockerd",
    [
      ...["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec")],
      ...["-H", `unix://${socketPath}`, "--pidfile", join(dir, "pid")],
      ...["--bridge", bridge, "--storage-driver", driver],
      ...["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
    ],
    { stdio: ["ignore", log, log], env: { ...process.env, PATH: path }, detached: true },
  );
  closeSync(log);
  let ended: string | undefined;
  child.on("error", ({ message }) => {
    ended = message;
  });
  child.on("exit", (code) => {
    ended = `exit code ${code}`;
  });
  const docker = new Docker({ socketPath });
  for (const deadline = Date.now() + startMs; Date.now() < deadline; await sleep(50)) {
    if (ended !== undefined) return undefined;
    const answers = await docker.ping().then(
      () => true,
      () => false,
    );
    if (answers) return { pid: child.pid ?? 0, docker };
  }
  await end(child.pid ?? 0);
  return undefined;
}

async function end(pid: number): Promise<void> {
  const alive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (alive()) process.kill(pid, "SIGTERM");
  for (const deadline = Date.now() + startMs; alive() && Date.now() < deadline; ) await sleep(50);
  if (alive()) process.kill(pid, "SIGKILL");
}

interface Bridge {
  readonly name: string;
  readonly gateway: string;
  remove(): void;
}

/** A network device that no other daemon has, with a subnet that no other run of the tests has. */
function makeBridge(): Bridge {
  const number = process.pid % 250;
  const name = `tvk${process.pid % 100_000}`;
  const gateway = `10.213.${number}.1`;
  run("ip", ["link", "add", "name", name, "type", "bridge"]);
  run("ip", ["address", "add", `${gateway}/24`, "dev", name]);
  run("ip", ["link", "set", name, "up"]);
  // A machine that has Docker forwards nothing between bridges that it does not know.
  const rule = ["FORWARD", "-i", `${name}+`, "-o", `${name}+`, "-j", "ACCEPT"];
  run("iptables", ["-w", "-I", ...rule]);
  return {
    name,
    gateway,
    remove() {
      run("iptables", ["-w", "-D", ...rule]);
      run("ip", ["link", "delete", name]);
    },
  };
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: path },
  });
}

function logOf(dir: string): string {
  return readFileSync(join(dir, "log"), "utf8").trimEnd().split("\n").slice(-15).join("\n");
}
