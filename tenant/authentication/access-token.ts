/** @module Access tokens: a JWT for an API, an opaque one when no API was asked for. */
import { createCipheriv, randomBytes } from "node:crypto";
import { compactDecrypt } from "jose";
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import { findApi } from "./scopes.ts";

/** What goes into a token. */
export interface AccessTokenRequest {
  readonly client: ClientRow;
  /** The user's id, or `CLIENT_ID@clients`. */
  readonly subject: string;
  /** Absent: an opaque token for /userinfo. */
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
  /** Auth0's `gty`; absent for a code exchange. */
  readonly grantType?: "client-credentials" | "refresh_token";
  readonly sessionId?: string;
}

export interface IssuedAccessToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What an access token says, whichever form it has. */
export interface AccessTokenClaims {
  readonly sub: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** Seconds; Auth0's default for an API, taken for /userinfo too (inferred). */
const opaqueSeconds = 86_400;

/**
 * Issues a token in the API's dialect.
 *
 * @see Auth0's access token profiles: `azp` and `gty` in its own, `client_id` and `jti` in RFC 9068's.
 */
export async function issueAccessToken(
  tenant: TenantContext,
  request: AccessTokenRequest,
): Promise<IssuedAccessToken> {
  const { client, subject, audience, scopes } = request;
  const issuedAt = tenant.now();
  if (audience === undefined) {
    const expiresAt = issuedAt + opaqueSeconds;
    const claims = { sub: subject, azp: client.client_id, scope: scopes.join(" "), exp: expiresAt };
    return { token: seal(tenant, claims), expiresIn: opaqueSeconds };
  }
  const api = findApi(tenant, audience);
  const userInfo = `${tenant.settings.issuer}userinfo`;
  const rfc9068 = (api.token_dialect ?? "").startsWith("rfc9068");
  const claims = {
    iss: tenant.settings.issuer,
    sub: subject,
    // With openid the token is good for /userinfo as well. (inferred from Auth0's samples)
    aud: scopes.includes("openid") ? [audience, userInfo] : audience,
    iat: issuedAt,
    exp: issuedAt + api.token_lifetime,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...(rfc9068
      ? { client_id: client.client_id, jti: tenant.ids.newText(22) }
      : { azp: client.client_id, ...(request.grantType ? { gty: request.grantType } : {}) }),
    ...(rfc9068 && request.sessionId ? { sid: request.sessionId } : {}),
  };
  const token = await tenant.keys.sign(claims, { typ: rfc9068 ? "at+jwt" : "JWT" });
  return { token, expiresIn: api.token_lifetime };
}

/** Reads a token that is good for /userinfo, of either form; undefined when it is not. */
export async function readUserInfoToken(
  tenant: TenantContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  const claims = await unseal(tenant, token).catch(() =>
    tenant.keys
      .verify(token, { audience: `${tenant.settings.issuer}userinfo` })
      .catch(() => undefined),
  );
  return readClaims(claims);
}

/** The claims that every access token of this tenant has. */
export function readClaims(claims: unknown): AccessTokenClaims | undefined {
  const { data } = tokenClaims.safeParse(claims);
  const clientId = data?.azp ?? data?.client_id;
  if (data === undefined || clientId === undefined) return undefined;
  return { sub: data.sub, clientId, scopes: data.scope.split(" ").filter(Boolean) };
}

const tokenClaims = z.looseObject({
  sub: z.string(),
  azp: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().default(""),
});

/**
 * Opaque tokens are JWEs, as Auth0's are: only this tenant can read them, and it stores nothing. Written by hand,
 * since a library's way through WebCrypto takes as long as two signatures.
 *
 * @see [RFC 7516 section 5.1](https://www.rfc-editor.org/rfc/rfc7516#section-5.1), with `dir` and A256GCM.
 */
function seal(tenant: TenantContext, claims: { exp: number }): string {
  const header = { alg: "dir", enc: "A256GCM", iss: tenant.settings.issuer };
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString("base64url");
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(tenant), iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(protectedHeader, "ascii"));
  const text = Buffer.concat([cipher.update(JSON.stringify(claims), "utf8"), cipher.final()]);
  const parts = [iv, text, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  // The second part, the encrypted key, is empty: the key is the tenant's own.
  return [protectedHeader, "", ...parts].join(".");
}

async function unseal(tenant: TenantContext, token: string): Promise<unknown> {
  const { plaintext } = await compactDecrypt(token, sealingKey(tenant), {
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  const claims: unknown = JSON.parse(new TextDecoder().decode(plaintext));
  const { exp } = z.looseObject({ exp: z.number() }).parse(claims);
  if (exp <= tenant.now()) throw new Error("the token has ended");
  return claims;
}

function sealingKey(tenant: TenantContext): Uint8Array {
  const id = "opaque-token-key";
  const kept = tenant.store.settings.get(id)?.["key"];
  if (typeof kept === "string") return Buffer.from(kept, "base64url");
  const key = randomBytes(32);
  tenant.store.settings.put(id, { key: key.toString("base64url") });
  return key;
}
