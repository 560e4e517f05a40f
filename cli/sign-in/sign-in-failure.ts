/** @module What went wrong while signing in, in words for a person. */
import { AuthorizationResponseError, ResponseBodyError } from "oauth4webapi";
import { CliError, exitCodes } from "../exit-codes.ts";

/** What to do about an OAuth error at sign-in. */
const hints: Record<string, string> = {
  invalid_client: "Check the client's id and secret, or run tvk up again.",
  unauthorized_client: "Add the grant types authorization_code and refresh_token to the client.",
  access_denied: "Sign in as a user who may, or ask the tenant's owner.",
  invalid_request: "Check that the client has a connection, and the audience if there is one.",
};

/** The error of a sign-in as `tvk` shows it: with the tenant's own words, or the network's. */
export function signInFailure(error: unknown, domain: string): unknown {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const { error: name, error_description: text } = error;
    const hint = hints[name];
    return new CliError(
      "login_failed",
      `${domain} refused the sign-in (${name}${text ? `: ${text}` : ""})`,
      {
        exitCode: exitCodes.general,
        details: { error: name },
        cause: error,
        ...(hint ? { hint } : {}),
      },
    );
  }
  const reason = networkReason(error);
  if (reason === undefined) return error;
  return new CliError("network_error", `no answer from ${domain}: ${reason}`, {
    exitCode: exitCodes.network,
    hint: "Check the domain, the network, and that the tenant runs and its certificate is trusted.",
    cause: error,
  });
}

/** Undefined when the error is none of the network's. */
function networkReason(error: unknown) {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "TimeoutError") return "timeout";
  const { code } = (error.cause ?? {}) as { code?: string };
  return error.message === "fetch failed" ? (code ?? "fetch failed") : undefined;
}
