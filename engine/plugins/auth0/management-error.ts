/** @module What went wrong between the plugin and the tenant, as one line that names the next step. */

import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type Plain } from "../protocol/value.ts";
import { isLoopback } from "./credentials.ts";

/** The tenant answered with an error. */
export class TenantRefusal extends PluginError {
  readonly status: number;
  /** Auth0's name for the error, where it gave one. */
  readonly code: string | undefined;
  readonly headers: Headers;
  constructor(request: string, answer: { status: number; headers: Headers }, body: Plain) {
    const { status, headers } = answer;
    const field = (name: string) => {
      const value = isPlainMap(body) ? body[name] : undefined;
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const code = field("errorCode") ?? field("error");
    const message = field("message") ?? field("error_description");
    const named = code === undefined ? "" : ` ${code}`;
    const said = message === undefined ? "" : `: ${message.replace(/\.$/, "")}`;
    super(
      `${request} answered ${status}${named}${said}`,
      hintFor(status, field("errorCode"), message),
    );
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** No answer came: it is not known whether the request had its effect. */
export class NoAnswer extends PluginError {
  /** True where the request cannot have reached the tenant. */
  readonly unsent: boolean;
  /** True where another try cannot help. */
  readonly final: boolean;
  constructor(request: string, domain: string, cause: unknown) {
    const code = causeCode(cause);
    const untrusted = certificateCodes.has(code);
    const refused = code === "ECONNREFUSED";
    const local = isLoopback(domain);
    super(
      untrusted
        ? `${request}: the certificate of ${domain} is not trusted (${code})`
        : `${request}: no answer from ${domain} (${code})`,
      untrusted ? trustHint : local ? localHint : remoteHint,
      { cause },
    );
    this.unsent = unsentCodes.has(code) || untrusted;
    this.final = untrusted || (refused && local);
  }
}

const certificateCodes = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
const unsentCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

const trustHint = "Set NODE_EXTRA_CA_CERTS to the PEM file of the tenant's CA";
const localHint = "Start the local tenant with: tvk tenant start";
const remoteHint = "Check the domain and the network, then run the command again";

function hintFor(status: number, code: string | undefined, message: string | undefined) {
  if (status === 401) return "Check the client id and secret of the Management API client";
  if (status === 403 && code === "insufficient_scope") {
    const scopes = message?.split("expected any of:")[1]?.trim().replace(/\.$/, "");
    return `Grant the Management API client ${scopes ? `one of: ${scopes}` : "the missing scope"}`;
  }
  if (status === 429)
    return "The tenant's rate limit is used up: wait a minute, then run the command again";
  if (status >= 500) return "The tenant is in trouble: run the command again later";
  return undefined;
}

function causeCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if (at.name === "TimeoutError") return "timeout";
  }
  return error instanceof Error ? error.message : String(error);
}
