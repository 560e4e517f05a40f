/** @module Where the clients in other languages are, and the environment in which they trust the tenant. */
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** This folder. */
export const here = fileURLToPath(new URL(".", import.meta.url));

/** The Go program of the suite. */
export const goFolder = join(here, "go-client");

/** The Next.js app of the suite, and the command that builds and starts it. */
export const nextApp = join(here, "next-app");
export const nextCommand = join(here, "node_modules", "next", "dist", "bin", "next");

const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");

/** What is installed outside the project, for other runs too. */
export const installed = join(cache, "token-vault-kit", "official-clients");

/** The Go tests, compiled. */
export const goTests = join(installed, "go-client.test");

/** A virtual environment of its own, outside the project. */
export const pythonFolder = join(installed, "python");

export const python = join(pythonFolder, "bin", "python3");

/**
 * Variables with which an unmodified client in a process of its own trusts the tenant's CA, as a person would set
 * them: Node adds it to what it has; Go and Python's requests take it instead of what they have.
 *
 * @param dir A folder for the CA's file.
 */
export function trusting(caPem: string, dir: string): Record<string, string> {
  const file = join(dir, "tenant-ca.pem");
  writeFileSync(file, caPem);
  return { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file, REQUESTS_CA_BUNDLE: file };
}
