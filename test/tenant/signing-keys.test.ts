/** @module The tenant's key: what it signs, anyone can verify with the JWKS, and nothing else passes. */
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { signingKeys } from "../../tenant/signing-keys.ts";
import { openTestTenant, type TestTenant } from "./open-test-tenant.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const claims = () => ({
  iss: tenant.context.settings.issuer,
  aud: "https://api.test/",
  exp: tenant.context.now() + 60,
});

suite("SigningKeys", () => {
  test("RFC 7517 4: publishes one RSA key for RS256, with its certificate and no private part", () => {
    const { keys } = tenant.context.keys.jwks();
    expect(keys).toEqual([
      {
        kty: "RSA",
        use: "sig",
        alg: "RS256",
        kid: tenant.context.keys.kid,
        n: expect.any(String),
        e: "AQAB",
        x5c: [expect.any(String)],
        x5t: expect.any(String),
      },
    ]);
    const raw = Buffer.from(keys[0]?.x5c?.[0] ?? "", "base64");
    expect(keys[0]?.x5t).toBe(createHash("sha1").update(raw).digest("base64url"));
    expect(new X509Certificate(raw).publicKey.export({ format: "jwk" })).toMatchObject({
      n: keys[0]?.n,
    });
  });

  test("signs what another library verifies with the JWKS", async () => {
    const token = await tenant.context.keys.sign(claims());
    const jwks = createLocalJWKSet(tenant.context.keys.jwks());
    const { payload } = await jwtVerify(token, jwks, { algorithms: ["RS256"] });
    expect(payload).toEqual(claims());
    expect(decodeProtectedHeader(token)).toEqual({
      alg: "RS256",
      typ: "JWT",
      kid: tenant.context.keys.kid,
    });
    const other = await tenant.context.keys.sign(claims(), { typ: "at+jwt" });
    expect(decodeProtectedHeader(other).typ).toBe("at+jwt");
  });

  test("verifies its own token for its audience only, the second time too", async () => {
    const { keys } = tenant.context;
    const token = await keys.sign(claims());
    for (const _ of [1, 2]) {
      expect(await keys.verify(token, { audience: "https://api.test/" })).toEqual(claims());
      await expect(keys.verify(token, { audience: "https://other.test/" })).rejects.toThrow();
    }
  });

  test("refuses a token of another key, another algorithm, another issuer, or none at all", async () => {
    const { keys } = tenant.context;
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const header = { alg: "RS256", kid: keys.kid };
    const foreign = await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey);
    // The public key as an HMAC secret: the oldest of the confusions.
    const secret = new TextEncoder().encode(keys.certificate().cert);
    const confused = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(secret);
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`;
    const elsewhere = await keys.sign({ ...claims(), iss: "https://elsewhere.test/" });
    for (const token of [foreign, confused, none, elsewhere, "", "a.b.c"]) {
      await expect(keys.verify(token)).rejects.toThrow();
    }
  });

  test("refuses a token that ended after it was verified once", async () => {
    let now = 1_000;
    const kept = tenant.context.store.settings.get("signing-key");
    const key = kept as unknown as Parameters<typeof signingKeys>[0];
    const keys = signingKeys(key, { issuer: "https://t/", now: () => now });
    const token = await keys.sign({ iss: "https://t/", exp: 1_010 });
    await keys.verify(token);
    now = 1_010;
    await expect(keys.verify(token)).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
  });
});
