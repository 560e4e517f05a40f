/** @module Makes this process trust the local tenant's certificate authority, beside the usual ones. */
import { readFileSync } from "node:fs";
import { CliError, exitCodes } from "../exit-codes.ts";

/**
 * Trusts the authority in a PEM file for every TLS connection from here on. Nothing outside this
 * process is changed.
 *
 * @throws {CliError} `auth_error`: the file is not there or no certificate.
 */
export function trustAuthority(caFile: string): void {
  // Not imported: loading it takes as long as a whole call that needs no TLS.
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule("node:tls");
  const trusted = getCACertificates("default");
  try {
    const pem = readFileSync(caFile, "utf8").trim();
    if (!trusted.includes(pem)) setDefaultCACertificates([...trusted, pem]);
  } catch (cause) {
    throw new CliError("auth_error", `the tenant's certificate authority ${caFile} can't be used`, {
      exitCode: exitCodes.login,
      hint: "Start the local tenant (tvk tenant start), or run tvk up again.",
      cause,
    });
  }
}
