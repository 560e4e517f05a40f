/** @module One RS256 key: made, kept in the store, signs and verifies JWTs. */
import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import type { JWK, JWTPayload } from "jose";
import { signingCertificate } from "./certificate.ts";
import { certificateOnlyPkcs7 } from "./der.ts";
import { identifiers, sha256 } from "./identifiers.ts";
import type { Store } from "./store.ts";

/** Claims of a verified token. */
export type Payload = JWTPayload;

/** Signs and verifies with the tenant's key. */
export interface SigningKeys {
  readonly kid: string;
  /** What /.well-known/jwks.json answers. */
  jwks(): { keys: JWK[] };
  /** The key's self-signed certificate, both PEM. */
  certificate(): { cert: string; pkcs7: string };
  /** Signs claims as they are; `typ` of the header is `JWT` unless given. */
  sign(claims: Record<string, unknown>, options?: { typ?: string }): Promise<string>;
  /**
   * Checks signature, issuer, expiry and, if given, audience.
   *
   * @throws {jose.errors.JOSEError} The token is not ours, is not for that audience, or has ended.
   */
  verify(jwt: string, options?: { audience?: string }): Promise<Payload>;
}

/** Where the current key lies in the `settings` collection. */
export const settingsId = "signing-key";

/** Verified tokens remembered: a plugin sends the same one with each of its requests. */
const rememberedTokens = 500;

/** The key as the store keeps it. */
export interface KeptKey {
  kid: string;
  key: JWK;
  /** Self-signed, PEM. */
  cert: string;
}

/** Takes the key from the store, or makes one: 2048 bits, some 100 ms, off the main thread. */
export async function openKey(store: Store): Promise<KeptKey> {
  const kept = store.settings.get(settingsId) as KeptKey | undefined;
  if (kept) return kept;
  const key = await newKey();
  store.settings.put(settingsId, { ...key });
  return key;
}

/** A new key with a certificate of its own. */
export async function newKey(): Promise<KeptKey> {
  const keys = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["sign", "verify"],
  );
  const { kty, n, e, d, p, q, dp, dq, qi } = await crypto.subtle.exportKey("jwk", keys.privateKey);
  const key = { kty, n, e, d, p, q, dp, dq, qi } as JWK;
  return { kid: identifiers.newText(21), key, cert: await signingCertificate(keys) };
}

/** What signs and verifies with a key, as one issuer. */
export function signingKeys(
  { kid, key, cert }: KeptKey,
  settings: { issuer: string; now: () => number },
): SigningKeys {
  const privateKey: KeyObject = createPrivateKey({ key: { ...key }, format: "jwk" });
  const signOffThread = promisify(sign);
  const publicKey: JWK = { kty: "RSA", use: "sig", alg: "RS256", kid };
  if (key.n !== undefined) publicKey.n = key.n;
  if (key.e !== undefined) publicKey.e = key.e;
  const { raw, publicKey: verifyKey } = new X509Certificate(cert);
  publicKey.x5c = [raw.toString("base64")];
  publicKey.x5t = createHash("sha1").update(raw).digest("base64url");
  const jwks = { keys: [publicKey] };
  const remembered = new Map<string, Payload>();
  let certificate: { cert: string; pkcs7: string } | undefined;
  return {
    kid,
    jwks: () => structuredClone(jwks),
    certificate: () => {
      certificate ??= { cert, pkcs7: certificateOnlyPkcs7(raw) };
      return certificate;
    },
    async sign(claims, options = {}) {
      const header = encode({ alg: "RS256", typ: options.typ ?? "JWT", kid });
      const input = `${header}.${encode(claims)}`;
      const signature = await signOffThread("RSA-SHA256", Buffer.from(input), privateKey);
      return `${input}.${signature.toString("base64url")}`;
    },
    async verify(jwt, options = {}) {
      const id = `${options.audience ?? ""} ${sha256(jwt)}`;
      const known = remembered.get(id);
      if (known?.exp !== undefined && known.exp > settings.now()) return known;
      remembered.delete(id);
      // Loaded with the first token: a third of the time of a start would be its.
      const { jwtVerify } = await import("jose");
      const { payload } = await jwtVerify(jwt, verifyKey, {
        issuer: settings.issuer,
        algorithms: ["RS256"],
        currentDate: new Date(settings.now() * 1000),
        ...(options.audience === undefined ? {} : { audience: options.audience }),
      });
      if (remembered.size >= rememberedTokens) remembered.clear();
      remembered.set(id, payload);
      return payload;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
