#!/usr/bin/env node
/** @module The launcher: plain JavaScript for any Node, which finds one that runs TypeScript as it is. */
import module from "node:module";
import process from "node:process";

/** Tells the second run that there is no third. */
const RELAUNCHED = "TVK_RELAUNCHED_FROM";

const [major, minor] = process.versions.node.split(".").map(Number);
// Type stripping, and certificates that can be trusted while running (tls.setDefaultCACertificates).
const suffices = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 19);

if (suffices) {
  module.enableCompileCache?.();
  const { crashed, main } = await import("./main.ts");
  process.on("uncaughtException", (error) => {
    // A reader that has gone (`tvk … | head`) is no failure of ours. Requests catch their own errors.
    if (error.code === "EPIPE" && error.syscall === "write") process.exit(0);
    // Also what nobody awaited is answered in JSON where JSON is asked for.
    process.exit(crashed(error));
  });
  process.exitCode = await main(process.argv.slice(2), process.env);
} else {
  await relaunch();
}

/** Runs itself again with the Node 24 that the project brings as a platform package. */
async function relaunch() {
  // Once only: a Node that does not suffice would start itself for ever.
  const node = process.env[RELAUNCHED] ? undefined : projectNode();
  if (node === undefined) {
    refuse(
      `tvk needs Node 24.5 or later, or 22.19 or later of Node 22; this is ${process.version}`,
      "Install Node 24. (In a clone of the kit, npm ci without --omit=optional brings one.) The runtime library runs on Node 20.",
    );
    return;
  }
  const { spawn } = await import("node:child_process");
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [RELAUNCHED]: process.version },
  });
  // The terminal signals the whole group: the child decides, and we end as it ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT") child.kill(signal);
    });
  }
  child.on("error", (error) => {
    refuse(`${node} does not start: ${error.message}`, "Install Node 24.");
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** In JSON where JSON is asked for, as any other error of tvk. */
function refuse(message, hint) {
  const json = process.argv.includes("--json") || process.env.AUTH0_TV_OUTPUT === "json";
  const error = { code: "node_version", message, hint };
  if (json) process.stdout.write(`${JSON.stringify({ error })}\n`);
  else process.stderr.write(`Error: ${message}\n${hint}\n`);
  process.exitCode = 1;
}

function projectNode() {
  const require = module.createRequire(import.meta.url);
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    try {
      return require.resolve(`${name}/bin/node`);
    } catch {
      // Not for this platform, or left out at install time.
    }
  }
  return undefined;
}
