/** @module Proof by a signed assertion (`private_key_jwt`): an entry of its own, for those who need it. */

import { base64url, randomText } from "./base64url.ts";
import type { ClientAuth } from "./client-auth.ts";

/** A `CryptoKey` of whichever runtime this is. */
type SigningKey = Parameters<typeof crypto.subtle.sign>[1];

export interface PrivateKeyJwtOptions {
  /** The key's id at the tenant; default none. */
  kid?: string;
  /** Epoch milliseconds; default `Date.now`. */
  now?: () => number;
}

/** Life of one assertion, in seconds. */
const TTL_SECONDS = 60;

/**
 * Signs an assertion for each token request.
 *
 * @param key A private key made for RSASSA-PKCS1-v1_5, RSA-PSS or ECDSA; SHA-256 or SHA-384.
 *
 * @throws {TypeError} The key can't sign, or no such algorithm is known to Auth0.
 * @see [RFC 7523 section 3](https://www.rfc-editor.org/rfc/rfc7523#section-3), the assertion
 *
 * @example
 * ```ts
 * const key = await crypto.subtle.importKey(
 *   "pkcs8", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["sign"],
 * );
 * const vault = new TokenVault({ ...options, clientAuth: PrivateKeyJwt(key) });
 * ```
 */
export function PrivateKeyJwt(key: SigningKey, options: PrivateKeyJwtOptions = {}): ClientAuth {
  const { alg, parameters } = algorithmOf(key);
  const { kid, now = Date.now } = options;
  return async ({ clientId, form, audience }) => {
    const iat = Math.floor(now() / 1000);
    const header = { alg, typ: "JWT", ...(kid ? { kid } : {}) };
    const claims = {
      iss: clientId,
      sub: clientId,
      aud: audience,
      iat,
      exp: iat + TTL_SECONDS,
      jti: randomText(),
    };
    const input = [header, claims]
      .map((part) => base64url(utf8(JSON.stringify(part)).buffer))
      .join(".");
    const signature = await crypto.subtle.sign(parameters, key, utf8(input));
    form.set("client_id", clientId);
    form.set("client_assertion", `${input}.${base64url(signature)}`);
    form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  };
}

/** What Auth0 takes: RS256, RS384, PS256, PS384, ES256, ES384. */
function algorithmOf(key: SigningKey) {
  const { name, hash, namedCurve } = key.algorithm as {
    name: string;
    hash?: { name: string };
    namedCurve?: string;
  };
  const bits = name === "ECDSA" ? /^P-(256|384)$/.exec(namedCurve ?? "")?.[1] : hash?.name.slice(4);
  const family = { "RSASSA-PKCS1-v1_5": "RS", "RSA-PSS": "PS", ECDSA: "ES" }[name];
  if (!family || (bits !== "256" && bits !== "384") || !key.usages.includes("sign")) {
    throw new TypeError(`a ${name} key of ${bits ?? namedCurve} can't sign what Auth0 takes`);
  }
  const parameters = { name, hash: `SHA-${bits}`, saltLength: Number(bits) / 8 };
  return { alg: `${family}${bits}`, parameters };
}

function utf8(text: string) {
  return new TextEncoder().encode(text);
}
