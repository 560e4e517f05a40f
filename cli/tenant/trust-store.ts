/** @module Puts the local tenant's CA where this user's browsers look, and takes it away. Nothing is changed for others. */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError, exitCodes } from "../exit-codes.ts";

/** What was done where. */
export interface TrustResult {
  /** The store, in words. */
  readonly store: string;
  /** Name of the entry in it. */
  readonly name: string;
}

interface TrustStore {
  readonly store: string;
  add(caFile: string, name: string): void;
  remove(caFile: string, name: string): void;
}

/** The CA is good for loopback names only, so whoever trusts it trusts nothing else. @throws {CliError} */
export function trustCa(caFile: string, env: NodeJS.ProcessEnv): TrustResult {
  const { store, add } = trustStore(env);
  const name = entryName(caFile);
  add(caFile, name);
  return { store, name };
}

/** @throws {CliError} */
export function untrustCa(caFile: string, env: NodeJS.ProcessEnv): TrustResult {
  const { store, remove } = trustStore(env);
  const name = entryName(caFile);
  remove(caFile, name);
  return { store, name };
}

function trustStore(env: NodeJS.ProcessEnv): TrustStore {
  if (process.platform === "darwin") return keychain;
  return process.platform === "win32" ? windowsUserStore : nssDatabase(env);
}

/** Chromium and Chrome on Linux; Firefox keeps one of its own, to which a CA is added by hand. */
function nssDatabase(env: NodeJS.ProcessEnv): TrustStore {
  const folder = join(env["HOME"] ?? "", ".pki/nssdb");
  const database = ["-d", `sql:${folder}`];
  return {
    store: folder,
    add(caFile, name) {
      if (!existsSync(join(folder, "cert9.db"))) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        run("certutil", [...database, "-N", "--empty-password"]);
      }
      run("certutil", [...database, "-A", "-n", name, "-t", "C,,", "-i", caFile]);
    },
    remove(_, name) {
      if (existsSync(join(folder, "cert9.db"))) run("certutil", [...database, "-D", "-n", name]);
    },
  };
}

/** macOS asks the user. */
const keychain: TrustStore = {
  store: "the login keychain",
  add: (caFile) => run("security", ["add-trusted-cert", "-r", "trustRoot", "-p", "ssl", caFile]),
  remove: (caFile) => run("security", ["remove-trusted-cert", caFile]),
};

/** Windows asks the user. */
const windowsUserStore: TrustStore = {
  store: "the user's root store",
  add: (caFile) => run("certutil", ["-user", "-addstore", "Root", caFile]),
  remove: (caFile) => {
    const { serialNumber } = new X509Certificate(readFileSync(caFile));
    run("certutil", ["-user", "-delstore", "Root", serialNumber]);
  },
};

/** Of the certificate itself: a new CA of the same tenant is another entry. */
function entryName(caFile: string): string {
  const digest = createHash("sha256").update(readFileSync(caFile)).digest("hex");
  return `token-vault-kit local CA ${digest.slice(0, 12)}`;
}

function run(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const said = String((cause as { stderr?: Buffer }).stderr ?? "").trim();
    throw new CliError(
      "trust_failed",
      missing ? `${program} is not on this machine` : `${program} refused: ${said}`,
      {
        exitCode: exitCodes.general,
        hint: missing
          ? "Install it (Debian and Ubuntu: libnss3-tools; Fedora: nss-tools), or trust the CA file by hand."
          : "See what it says, or change trust by hand.",
        cause,
      },
    );
  }
}
