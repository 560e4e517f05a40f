/** @module Whether a port is taken, and by whom. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";

/** Who listens on a port. */
export interface PortOwner {
  readonly pid: number;
  /** Leader of its process group. */
  readonly group: number;
  /** Program and first argument; never more, since a stranger's arguments can hold a secret. */
  readonly command: string;
}

const loopback = ["127.0.0.1", "::1"];
/** How long a connection to this machine may take, in milliseconds. */
const connectMs = 1_000;

/** The port of a URL on this machine. Undefined for a URL that leads elsewhere. */
export function loopbackPort(url: string): number | undefined {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (host !== "localhost" && !host.endsWith(".localhost") && !loopback.includes(host))
    return undefined;
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** True when something on this machine accepts connections on the port. */
export async function isPortTaken(port: number): Promise<boolean> {
  return (await Promise.all(loopback.map((host) => accepts(host, port)))).includes(true);
}

/** Who listens on the port, where the system lets us see: on Linux, for processes of our own user. */
export function portOwner(port: number): PortOwner | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set(["tcp", "tcp6"].flatMap((table) => listening(table, port)));
  if (inodes.size === 0) return undefined;
  const pid = numbers("/proc").find((each) => holds(each, inodes));
  if (pid === undefined) return undefined;
  return { pid, group: groupOf(pid), command: command(pid) };
}

/** A variable of the environment that a process was started with, where the system lets us see. */
export function startedWith(pid: number, name: string): string | undefined {
  const variables = read(`/proc/${pid}/environ`).split("\0");
  return variables.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Leaders of the process groups in which something was started with the variable, on Linux. */
export function groupsStartedWith(name: string, value: string): number[] {
  if (process.platform !== "linux") return [];
  const groups = numbers("/proc")
    .filter((pid) => startedWith(pid, name) === value)
    .map(groupOf);
  return [...new Set(groups)].filter((group) => group > 0);
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

function groupOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
}

/** Inodes of the sockets that listen on the port (proc_net(5): state 0A is LISTEN). */
function listening(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = read(`/proc/net/${table}`).split("\n").slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(wanted) === true && state === "0A")
    .map((fields) => fields[9] ?? "");
}

function holds(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return numbers(`/proc/${pid}/fd`).some((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith("socket:[") && inodes.has(target.slice(8, -1));
    });
  } catch {
    // Another user's process, or one that has just ended.
    return false;
  }
}

function command(pid: number): string {
  const [program = "", argument = ""] = read(`/proc/${pid}/cmdline`).split("\0");
  const name = program.split("/").at(-1) ?? "";
  return argument === "" || argument.startsWith("-") ? name : `${name} ${argument}`;
}

function numbers(dir: string): number[] {
  return readdirSync(dir)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
