/** @module The tenant as this client sees it: token requests, My Account calls, and their refusals. */
import type { ClientAuth } from "./client-auth.ts";
import {
  NotConnectedError,
  VaultError,
  type VaultErrorCode,
  type VaultErrorDetail,
} from "./errors.ts";
import { askedDelayMs, type Http, send } from "./send.ts";

/** A tenant, and the client in it that may use Token Vault. */
export interface Tenant extends Http {
  /** `https://DOMAIN/`, which is also the issuer. */
  issuer: string;
  clientId: string;
  clientAuth: ClientAuth;
}

/** A JSON answer: any object, or `{}` where there was none. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/**
 * Posts to the token endpoint. Never follows a redirect: it would carry the client's secret.
 *
 * @throws {VaultError} Every refusal, as the code that names the missing piece.
 */
export async function tokenRequest(
  tenant: Tenant,
  parameters: Record<string, string>,
  connection?: string,
): Promise<Record<string, unknown> & { access_token: string }> {
  const form = new URLSearchParams(parameters);
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
  await tenant.clientAuth({ clientId: tenant.clientId, form, headers, audience: tenant.issuer });
  const answer = await request(tenant, "oauth/token", { method: "POST", headers, body: `${form}` });
  const { access_token } = answer.body;
  if (answer.status !== 200 || typeof access_token !== "string") {
    throw tokenRefusal(tenant, answer, parameters["grant_type"] ?? "", connection);
  }
  return { ...answer.body, access_token };
}

/** Calls the My Account API. Answers of 400 and above are for {@link meRefusal}. */
export function meRequest(
  tenant: Tenant,
  accessToken: string,
  method: string,
  path: string,
  json?: unknown,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  const body = json === undefined ? null : JSON.stringify(json);
  return request(tenant, `me/v1/connected-accounts/${path}`, { method, headers, body });
}

/** The error for a refusal by the My Account API. */
export function meRefusal(
  tenant: Tenant,
  answer: Answer,
  scope: string,
  connection?: string,
): VaultError {
  const { status, body } = answer;
  const { type = "", title = "", detail = "" } = body;
  const problems = Array.isArray(body["validation_errors"])
    ? body["validation_errors"].map((problem) => problem.detail)
    : [];
  const seen = [status, title, detail, ...problems].filter(Boolean).join(": ");
  const make = (code: VaultErrorCode, message: string) =>
    new VaultError(code, message, {
      ...refusalDetail(tenant, answer, connection),
      ...(type ? { error: `${type}` } : {}),
    });
  if (status === 429) return make("RATE_LIMITED", `the My Account API is rate limited (${seen})`);
  if (status === 401)
    return make("LOGIN_REQUIRED", `the My Account API refused its token (${seen})`);
  if (status === 403) {
    return make(
      "MY_ACCOUNT_GRANT_MISSING",
      `the My Account API needs the scope ${scope} (${seen})`,
    );
  }
  if (status === 404 && (isNoRoute(answer) || connection === undefined)) {
    return make("MY_ACCOUNT_API_OFF", `${tenant.issuer}me/ does not answer (${seen})`);
  }
  if (status === 404 && /session/i.test(`${detail}`)) {
    return make("CONNECT_EXPIRED", `the connect session for "${connection}" is over (${seen})`);
  }
  if (status === 404 || (status === 400 && /not enabled/.test(`${detail}`))) {
    return make("CONNECTION_OFF", `"${connection}" takes no connected accounts here (${seen})`);
  }
  return make("TENANT_REFUSED", `the My Account API refused the request (${seen})`);
}

/**
 * Did no API serve the call? Its 404 names method and path (observed); the API's own 404s, of a
 * connection, a session or an account, do not.
 */
export function isNoRoute({ status, body }: Answer): boolean {
  return status === 404 && /\b(GET|POST|DELETE)\b/.test(`${body["detail"]}`);
}

function tokenRefusal(
  tenant: Tenant,
  answer: Answer,
  grantType: string,
  connection = "",
): VaultError {
  const { status, body } = answer;
  const { error = "", error_description: text = "" } = body as Record<string, string>;
  const detail = {
    ...refusalDetail(tenant, answer, connection || undefined),
    ...(error ? { error } : {}),
  };
  const seen = `${status} ${error || "without an OAuth error"}${text && `: ${text}`}`;
  const make = (code: VaultErrorCode, message: string) =>
    new VaultError(code, `${message} (${seen})`, detail);
  switch (error) {
    case "federated_connection_refresh_token_not_found":
    case "tokenset_not_found":
      return new NotConnectedError(connection, [], detail);
    case "federated_connection_refresh_token_flow_failed":
      return make("PROVIDER_REFUSED", `the provider of "${connection}" gave no new token`);
    case "invalid_grant":
    case "expired_token":
    case "unmet_authentication_requirements":
      return make("LOGIN_REQUIRED", "the user's Auth0 token is not valid any more");
    case "unauthorized_client":
      return make("GRANT_NOT_ENABLED", `the client may not use the grant type ${grantType}`);
    case "invalid_client":
      return make("CLIENT_AUTH_FAILED", `${tenant.issuer} refused the client`);
    case "mfa_required":
      return make("MFA_REQUIRED", "the tenant asks for a second factor");
    case "access_denied":
      // Older tenants answer a wrong secret so (inferred).
      if (text === "Unauthorized")
        return make("CLIENT_AUTH_FAILED", `${tenant.issuer} refused the client`);
  }
  if (status === 429) return make("RATE_LIMITED", `${tenant.issuer} is rate limited`);
  if (/Token Vault is not enabled/.test(text)) {
    return make("CONNECTION_OFF", `Token Vault is off for "${connection}"`);
  }
  // No identity for connection and login_hint: a 401 that names no error.
  if (status === 401 && !error && connection) return new NotConnectedError(connection, [], detail);
  return make("TENANT_REFUSED", `${tenant.issuer} refused the token request`);
}

function refusalDetail(
  tenant: Tenant,
  { status, headers }: Answer,
  connection: string | undefined,
) {
  const detail: VaultErrorDetail = { status };
  const retryAfterMs = status === 429 ? askedDelayMs(headers, tenant.now()) : undefined;
  if (connection !== undefined) detail.connection = connection;
  if (retryAfterMs !== undefined) detail.retryAfterMs = retryAfterMs;
  return detail;
}

function request(tenant: Tenant, path: string, init: RequestInit): Promise<Answer> {
  return send(tenant, new URL(path, tenant.issuer), init, async (response) => {
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      // An error page of a proxy, or no body at all: the status says enough.
    }
    const { status, headers } = response;
    return { status, headers, body: body && typeof body === "object" ? { ...body } : {} };
  });
}
