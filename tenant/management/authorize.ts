/** @module The bearer token of the Management API, and its scopes. */
import type { TenantContext } from "../context.ts";
import type { Payload } from "../signing-keys.ts";
import { ManagementError } from "./management-error.ts";

/** Who calls. */
export interface Caller {
  claims: Payload;
  scopes: ReadonlySet<string>;
}

/**
 * Checks the Authorization header: one of our tokens, for the Management API, not ended.
 *
 * @throws {ManagementError} 401; the texts "Bad audience" and "Expired token" are (inferred).
 */
export async function authorize(
  tenant: TenantContext,
  header: string | undefined,
): Promise<Caller> {
  if (!header) throw unauthorized("Missing authentication");
  const [, token] = /^Bearer +([^\s]+)$/i.exec(header) ?? [];
  if (token === undefined) throw unauthorized("Bad HTTP authentication header format");
  const audience = `${tenant.settings.issuer}api/v2/`;
  try {
    const claims = await tenant.keys.verify(token, { audience });
    const scope = typeof claims["scope"] === "string" ? claims["scope"] : "";
    return { claims, scopes: new Set(scope.split(" ").filter(Boolean)) };
  } catch (error) {
    throw unauthorized(refusal(error));
  }
}

/** @throws {ManagementError} 403 insufficient_scope, unless one of `expected` is there. */
export function requireScope(caller: Caller, expected: readonly string[]): void {
  if (expected.some((scope) => caller.scopes.has(scope))) return;
  throw new ManagementError(
    403,
    `Insufficient scope, expected any of: ${expected.join(",")}`,
    "insufficient_scope",
  );
}

function unauthorized(message: string): ManagementError {
  return new ManagementError(401, message);
}

function refusal(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_JWT_EXPIRED") return "Expired token";
  const claim = error instanceof Error && "claim" in error ? error.claim : undefined;
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED" && claim === "aud") return "Bad audience";
  return "Invalid token";
}
