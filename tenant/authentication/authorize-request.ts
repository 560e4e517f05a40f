/** @module Reads and checks the parameters of /authorize. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { AuthorizeRequest } from "../models/transaction.ts";
import type { Params } from "./body-params.ts";
import { firstAddress, isCallback } from "./callback-urls.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";
import { loginScopes } from "./scopes.ts";
import { tenantSettings } from "./tenant-settings.ts";

/** Where an answer may go, once client and redirect URI are known to be good. */
export interface AnswerTarget {
  readonly client: ClientRow;
  readonly redirectUri: string;
  readonly responseMode: AuthorizeRequest["responseMode"];
  readonly state: string | undefined;
}

/** Shown on a page of the tenant, never redirected: the place to redirect to is what is in doubt. */
export class AuthorizePageError extends Error {
  readonly error: string;
  readonly headline: string;
  constructor(error: string, headline: string, message: string) {
    super(message);
    this.name = "AuthorizePageError";
    this.error = error;
    this.headline = headline;
  }
}

const modes = new Set(["query", "fragment", "form_post"]);
const prompts = new Set(["none", "login", "consent", "select_account"]);

/** Parameters that have an effect here; any other is counted as dropped. */
const known = new Set([
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "nonce",
  "audience",
  "response_mode",
  "code_challenge",
  "code_challenge_method",
  "connection",
  "connection_scope",
  "prompt",
  "max_age",
  "login_hint",
  "id_token_hint",
  "screen_hint",
]);

/**
 * Finds out whom to answer, and where.
 *
 * @throws {AuthorizePageError} The client is unknown, or the redirect URI is not one of its callbacks.
 */
export function readTarget(tenant: TenantContext, params: Params): AnswerTarget {
  const clientId = params["client_id"];
  if (clientId === undefined) {
    throw new AuthorizePageError(
      "invalid_request",
      "Oops!, something went wrong",
      "Missing required parameter: client_id",
    );
  }
  const client = tenant.store.clients.get(clientId);
  if (client === undefined) {
    throw new AuthorizePageError(
      "invalid_request",
      "Oops!, something went wrong",
      `Unknown client: ${clientId}`,
    );
  }
  const callbacks = client.callbacks ?? [];
  const redirectUri = params["redirect_uri"] ?? firstAddress(callbacks);
  if (redirectUri === undefined) {
    throw new AuthorizePageError(
      "invalid_request",
      "Oops!, something went wrong",
      "Missing required parameter: redirect_uri, and the application has no Allowed Callback URLs",
    );
  }
  if (!isCallback(redirectUri, callbacks)) {
    throw new AuthorizePageError(
      "unauthorized_client",
      "Callback URL mismatch.",
      `The provided redirect_uri is not in the list of allowed callback URLs: ${redirectUri}`,
    );
  }
  const mode = params["response_mode"] ?? "query";
  return {
    client,
    redirectUri,
    responseMode: modes.has(mode) ? (mode as AnswerTarget["responseMode"]) : "query",
    state: params["state"],
  };
}

/**
 * Checks everything else.
 *
 * @throws {OAuthRefusal} To be sent to the redirect URI.
 * @see [OpenID Connect Core section 3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 */
export function readAuthorizeRequest(
  tenant: TenantContext,
  target: AnswerTarget,
  params: Params,
): AuthorizeRequest {
  const { client } = target;
  checkResponse(client, params);
  for (const name of Object.keys(params)) {
    if (!known.has(name)) tenant.droppedFields.count("GET /authorize", name);
  }
  const audience = params["audience"] ?? tenantSettings(tenant).defaultAudience;
  const scopes = loginScopes(tenant, client, { scope: params["scope"], audience });
  return {
    clientId: client.client_id,
    redirectUri: target.redirectUri,
    responseMode: target.responseMode,
    ...given("state", params["state"]),
    ...given("nonce", params["nonce"]),
    scope: scopes.join(" "),
    ...given("audience", audience),
    ...readChallenge(params),
    ...given("connection", params["connection"]),
    connectionScope: (params["connection_scope"] ?? "")
      .split(",")
      .map((s) => s.trim())
      .filter(Boolean),
    prompt: readPrompt(params["prompt"]),
    ...readMaxAge(params["max_age"]),
    ...given("loginHint", params["login_hint"]),
    ...given("idTokenHint", params["id_token_hint"]),
    ...given("screenHint", params["screen_hint"]),
    params: { ...params },
  };
}

function checkResponse(client: ClientRow, params: Params): void {
  if (params["request"] !== undefined)
    throw refused("request_not_supported", "request is not supported");
  if (params["request_uri"] !== undefined) {
    throw refused("request_uri_not_supported", "request_uri is not supported");
  }
  const type = params["response_type"];
  if (type === undefined)
    throw refused("invalid_request", "Missing required parameter: response_type");
  if (type !== "code") {
    throw refused("unsupported_response_type", `Unsupported response type: ${type}`);
  }
  const mode = params["response_mode"];
  if (mode !== undefined && !modes.has(mode)) {
    throw refused("invalid_request", `Unsupported response mode: ${mode}`);
  }
  if (!client.grant_types.includes("authorization_code")) {
    throw refused(
      "unauthorized_client",
      "Grant type 'authorization_code' not allowed for the client.",
    );
  }
}

/** @see [RFC 7636 section 4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3) */
function readChallenge(
  params: Params,
): Pick<AuthorizeRequest, "codeChallenge" | "codeChallengeMethod"> {
  const challenge = params["code_challenge"];
  const method = params["code_challenge_method"];
  if (challenge === undefined) {
    if (method === undefined) return {};
    throw refused("invalid_request", "Missing required parameter: code_challenge");
  }
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(challenge)) {
    throw refused(
      "invalid_request",
      "Parameter code_challenge must be 43 to 128 unreserved characters",
    );
  }
  if (method !== undefined && method !== "S256" && method !== "plain") {
    throw refused("invalid_request", `Unsupported code_challenge_method: ${method}`);
  }
  return { codeChallenge: challenge, codeChallengeMethod: method ?? "plain" };
}

function readPrompt(text: string | undefined): string[] {
  const values = (text ?? "").split(" ").filter(Boolean);
  const unknown = values.find((value) => !prompts.has(value));
  if (unknown !== undefined) throw refused("invalid_request", `Unsupported prompt: ${unknown}`);
  if (values.includes("none") && values.length > 1) {
    throw refused("invalid_request", "prompt none can't be combined with another value");
  }
  return values;
}

function readMaxAge(text: string | undefined): { maxAge?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,9}$/.test(text))
    throw refused("invalid_request", "max_age must be a number of seconds");
  return { maxAge: Number(text) };
}

function given<N extends string, T>(name: N, value: T | undefined): { [K in N]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]?: T });
}

function refused(error: string, description: string): OAuthRefusal {
  return new OAuthRefusal(400, error, description);
}
