/** @module An sshd of the tests' own on loopback: own configuration, own keys, an unprivileged port. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../free-ports.ts";

export interface PrivateSshd {
  /** The keys of `tunnel` in a stack's configuration, but for `remotePort` and `url`. */
  readonly keys: {
    readonly host: string;
    readonly sshPort: number;
    readonly identityFile: string;
    readonly knownHostsFile: string;
  };
  /** Ends it, and every connection to it. */
  close(): Promise<void>;
}

/** Starts an sshd that takes one key and lets it forward remote ports, and nothing else. */
export async function privateSshd(): Promise<PrivateSshd> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-sshd-"));
  const [port = 0] = await freePorts(1);
  for (const name of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, name)]);
  }
  const hostKey = readFileSync(join(dir, "host.pub"), "utf8");
  writeFileSync(join(dir, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(
    join(dir, "authorized_keys"),
    `restrict,port-forwarding ${readFileSync(join(dir, "user.pub"), "utf8")}`,
  );
  writeFileSync(
    join(dir, "config"),
    [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${join(dir, "host")}`],
      ...[`AuthorizedKeysFile ${join(dir, "authorized_keys")}`, `PidFile ${join(dir, "pid")}`],
      ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "UsePAM no"],
      ...["PermitRootLogin prohibit-password", "StrictModes no", "AllowTcpForwarding remote", ""],
    ].join("\n"),
  );
  // Where root's sshd goes before anybody has proved anything; Debian's start script makes it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const program = execFileSync("sh", ["-c", "PATH=$PATH:/usr/sbin command -v sshd"], {
    encoding: "utf8",
  }).trim();
  const child = spawn(program, ["-D", "-e", "-f", join(dir, "config")], {
    stdio: "ignore",
    detached: true,
  });
  for (const deadline = Date.now() + 10_000; !(await accepts(port)); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("sshd does not start");
  }
  return {
    keys: {
      host: `${userInfo().username}@127.0.0.1`,
      sshPort: port,
      identityFile: join(dir, "user"),
      knownHostsFile: join(dir, "known_hosts"),
    },
    async close() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
