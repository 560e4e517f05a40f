/** @module The peers: installed into the user's cache folder, each started by a script of its own in `peers/`. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Contender, jsonLine } from "./contenders.ts";

/** Versions are fixed, so that figures of two days can be compared. */
const versions = {
  authhero: "0.162.0",
  "oauth2-mock-server": "9.3.0",
  "@simulacrum/auth0-simulator": "0.11.4",
  "oidc-provider": "9.13.3",
  "@hono/node-server": "2.1.8",
  hono: "4.13.19",
};

const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const folder = join(cache, "token-vault-kit", "bench-peers");
const scripts = join(import.meta.dirname, "peers");

/** Name for the table, and the script in `peers/`. */
const peers: readonly (readonly [name: string, script: string])[] = [
  ["bare Node, one RS256 JWT a request", "bare.mjs"],
  [`oidc-provider ${versions["oidc-provider"]}`, "oidc-provider.mjs"],
  [`oauth2-mock-server ${versions["oauth2-mock-server"]}`, "oauth2-mock-server.mjs"],
  [`AuthHero ${versions.authhero}`, "authhero.mjs"],
  [`auth0-simulator ${versions["@simulacrum/auth0-simulator"]}`, "auth0-simulator.mjs"],
];

/** What a peer is given: the same certificate for all, and a folder that it may call its home. */
export interface PeerSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly home: string;
}

export function installedPeers(settings: PeerSettings): Contender[] {
  install();
  const { certFile, keyFile, home } = settings;
  return peers.map(([name, script]) => {
    // A script finds the packages beside itself.
    copyFileSync(join(scripts, script), join(folder, script));
    return {
      name,
      command: [join(folder, script)],
      cwd: folder,
      env: { TLS_CERT: certFile, TLS_KEY: keyFile, HOME: home, NODE_ENV: "production" },
      ready: jsonLine,
    };
  });
}

function install(): void {
  const wanted = JSON.stringify({ private: true, type: "module", dependencies: versions }, null, 2);
  const file = join(folder, "package.json");
  const mark = join(folder, "installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, wanted);
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0)
    throw new Error(`the peers can't be installed into ${folder}: npm ended with ${status}`);
  writeFileSync(mark, wanted);
}
