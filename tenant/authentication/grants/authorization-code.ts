/** @module grant_type=authorization_code. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { TenantContext } from "../../context.ts";
import { sha256 } from "../../identifiers.ts";
import type { ClientRow } from "../../models/client.ts";
import type { CodeRow } from "../../models/code.ts";
import type { UserRow } from "../../models/user.ts";
import { isPublic } from "../client-authentication.ts";
import { missing, OAuthRefusal } from "../oauth-refusal.ts";
import { issueRefreshToken, revokeFamily } from "../refresh-tokens.ts";
import { scopesOf } from "../scopes.ts";
import type { Grant, GrantAnswer, GrantRequest } from "./grant.ts";
import { tokenAnswer } from "./token-answer.ts";

export const authorizationCodeGrant: Grant = {
  run,
  success: "seacft",
  failure: "feacft",
  name: "Authorization Code for Access Token",
};

/** @see [RFC 6749 section 4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3) */
async function run({ tenant, client, params }: GrantRequest): Promise<GrantAnswer> {
  const { code: text, redirect_uri: redirectUri, code_verifier: verifier } = params;
  if (text === undefined) throw missing("code");
  const code = takeCode(tenant, client, text);
  checkRedirectUri(code, redirectUri);
  checkVerifier(client, code, verifier);
  const user = tenant.store.users.get(code.user_id);
  if (user === undefined) throw invalidCode("the user was deleted after the login");
  if (user.blocked === true) throw new OAuthRefusal(403, "unauthorized", "user is blocked");
  return answer(tenant, client, code, user);
}

function answer(
  tenant: TenantContext,
  client: ClientRow,
  code: CodeRow,
  user: UserRow,
): Promise<GrantAnswer> {
  const scopes = scopesOf(code.scope);
  const authTime = code.max_age === undefined ? undefined : code.auth_time;
  return tokenAnswer(tenant, {
    ...{ client, user, sessionId: code.session_id, audience: code.audience, scopes },
    ...(scopes.includes("openid") ? { idToken: { scopes, nonce: code.nonce, authTime } } : {}),
    refreshToken: () =>
      scopes.includes("offline_access") ? issueForCode(tenant, client, code, scopes) : undefined,
  });
}

/** The used code remembers its refresh token, for the case that someone uses the code again. */
function issueForCode(
  tenant: TenantContext,
  client: ClientRow,
  code: CodeRow,
  scopes: readonly string[],
): string {
  return tenant.store.transaction(() => {
    const kept = tenant.store.codes.get(code.code_hash);
    // All of this while the access token was being signed. With a user go its codes.
    if (kept === undefined) throw invalidCode("the user was deleted, or the code has ended");
    if (kept.reused_at !== undefined) throw invalidCode("the code was used twice at once");
    const { token, row } = issueRefreshToken(tenant, {
      client,
      userId: code.user_id,
      sessionId: code.session_id,
      audience: code.audience,
      scopes,
      authTime: code.auth_time,
    });
    const used = { ...code, used_at: tenant.now(), refresh_token_id: row.id };
    tenant.store.codes.put(code.code_hash, used, code.expires_at);
    return token;
  });
}

/**
 * Uses a code up. It stays as a used one until its end: a second use means that it was stolen, and
 * takes back what the first one gave (RFC 6749 4.1.2).
 */
function takeCode(tenant: TenantContext, client: ClientRow, text: string): CodeRow {
  const { code, reused } = tenant.store.transaction(() => {
    const found = tenant.store.codes.get(sha256(text));
    if (found === undefined) throw invalidCode("there is no such code, or it has ended");
    if (found.client_id !== client.client_id) throw invalidCode("the code is another client's");
    if (found.used_at !== undefined) {
      const again = { ...found, reused_at: tenant.now() };
      tenant.store.codes.put(found.code_hash, again, found.expires_at);
      return { code: found, reused: true };
    }
    const used = { ...found, used_at: tenant.now() };
    tenant.store.codes.put(found.code_hash, used, found.expires_at);
    return { code: found, reused: false };
  });
  if (!reused) return code;
  const given = tenant.store.refreshTokens.get(code.refresh_token_id ?? "");
  if (given !== undefined) revokeFamily(tenant, given);
  throw invalidCode("the code was used before; what its first use gave is revoked");
}

function checkRedirectUri(code: CodeRow, redirectUri: string | undefined): void {
  if (redirectUri === undefined) throw missing("redirect_uri");
  if (redirectUri === code.redirect_uri) return;
  throw new OAuthRefusal(
    403,
    "invalid_grant",
    "The redirect URI is wrong. You sent " +
      `${originOf(redirectUri)}, and we expected ${originOf(code.redirect_uri)}`,
    { detail: "redirect_uri must be the one of the authorize request, character for character" },
  );
}

function originOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).origin : "something that is not a URI";
}

/** @see [RFC 7636 section 4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6) */
function checkVerifier(client: ClientRow, code: CodeRow, verifier: string | undefined): void {
  if (code.code_challenge === undefined) {
    if (isPublic(client)) throw missing("code_verifier");
    if (verifier === undefined) return;
    throw failedVerification(
      "a code_verifier came, but the authorize request had no code_challenge",
    );
  }
  if (verifier === undefined) throw missing("code_verifier");
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw failedVerification("the code_verifier is not 43 to 128 unreserved characters");
  }
  const challenge =
    code.code_challenge_method === "plain"
      ? verifier
      : createHash("sha256").update(verifier).digest("base64url");
  const expected = Buffer.from(code.code_challenge);
  const actual = Buffer.from(challenge);
  if (expected.length === actual.length && timingSafeEqual(expected, actual)) return;
  throw failedVerification("the code_verifier does not belong to the code_challenge");
}

function failedVerification(detail: string): OAuthRefusal {
  return new OAuthRefusal(403, "invalid_grant", "Failed to verify code verifier", { detail });
}

function invalidCode(detail: string): OAuthRefusal {
  return new OAuthRefusal(403, "invalid_grant", "Invalid authorization code", { detail });
}
