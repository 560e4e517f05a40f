/** @module The key that signs ID tokens: derived from the token secret, so that nothing is stored. */
import { createECDH, hkdfSync } from "node:crypto";

export interface SigningKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly alg: "ES256";
  readonly use: "sig";
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

/**
 * Derives the P-256 key of a token secret: the same secret gives the same key after a restart.
 *
 * @see [FIPS 186-5 appendix A.2.2](https://doi.org/10.6028/NIST.FIPS.186-5), candidate testing
 */
export function signingKey(tokenSecret: string): SigningKey {
  for (let attempt = 0; ; attempt++) {
    const seed = hkdfSync("sha256", tokenSecret, "", `helpdesk id token key ${attempt}`, 32);
    const ecdh = createECDH("prime256v1");
    try {
      ecdh.setPrivateKey(Buffer.from(seed));
    } catch {
      // The seed is not below the curve's order: one in four billion.
      continue;
    }
    const point = ecdh.getPublicKey();
    const part = (bytes: Buffer) => bytes.toString("base64url");
    return {
      kty: "EC",
      crv: "P-256",
      alg: "ES256",
      use: "sig",
      x: part(point.subarray(1, 33)),
      y: part(point.subarray(33, 65)),
      d: part(Buffer.from(seed)),
    };
  }
}
