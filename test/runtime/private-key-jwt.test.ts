/** @module Client authentication by a signed assertion. */
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { PrivateKeyJwt } from "../../runtime/private-key-jwt.ts";
import { exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

async function pair(algorithm: object) {
  const keys = await crypto.subtle.generateKey(algorithm as never, false, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error("not a key pair");
  return keys;
}

describe("PrivateKeyJwt()", () => {
  it.each([
    ["RS256", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...rsa }],
    ["RS384", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384", ...rsa }],
    ["PS256", { name: "RSA-PSS", hash: "SHA-256", ...rsa }],
    ["ES256", { name: "ECDSA", namedCurve: "P-256" }],
    ["ES384", { name: "ECDSA", namedCurve: "P-384" }],
  ])(
    "RFC 7523 3: signs an assertion with %s, new for each request, and sends no secret",
    async (alg, algorithm) => {
      const { privateKey, publicKey } = await pair(algorithm);
      const tenant = await tenantServer(exchanges());
      const vault = vaultAt(tenant, { clientAuth: PrivateKeyJwt(privateKey, { kid: "key-1" }) });
      await vault.token("desk");
      await vault.token("desk", { force: true });
      const ids = new Set<unknown>();
      for (const { form, headers } of tenant.seen) {
        expect(form.get("client_assertion_type")).toBe(
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        );
        expect(form.has("client_secret")).toBe(false);
        expect(headers["authorization"]).toBeUndefined();
        const { payload, protectedHeader } = await jwtVerify(
          form.get("client_assertion") ?? "",
          publicKey,
          {
            issuer: "client-1",
            subject: "client-1",
            audience: `https://${tenant.host}/`,
            maxTokenAge: "60s",
          },
        );
        expect(protectedHeader).toEqual({ alg, typ: "JWT", kid: "key-1" });
        ids.add(payload.jti);
      }
      expect(ids.size).toBe(2);
    },
  );

  it.each([
    ["P-521, which Auth0 does not take", { name: "ECDSA", namedCurve: "P-521" }],
    ["SHA-1", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1", ...rsa }],
  ])("refuses a key of %s", async (_, algorithm) => {
    const { privateKey } = await pair(algorithm);
    expect(() => PrivateKeyJwt(privateKey)).toThrow(TypeError);
  });

  it("refuses a public key", async () => {
    const { publicKey } = await pair({ name: "ECDSA", namedCurve: "P-256" });
    expect(() => PrivateKeyJwt(publicKey)).toThrow(TypeError);
  });
});
