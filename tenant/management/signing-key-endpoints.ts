/** @module /keys/signing: the certificate of the tenant's key. */
import { X509Certificate } from "node:crypto";
import type { TenantContext } from "../context.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent } from "./management-error.ts";

export function signingKeyEndpoints(tenant: TenantContext): Endpoint[] {
  const current = () => {
    const { cert, pkcs7 } = tenant.keys.certificate();
    const { fingerprint, validFromDate } = new X509Certificate(cert);
    return {
      kid: tenant.keys.kid,
      cert,
      pkcs7,
      current: true,
      current_since: validFromDate.toISOString(),
      fingerprint,
      thumbprint: fingerprint.replaceAll(":", ""),
    };
  };
  return [
    endpoint({
      method: "GET",
      path: "/keys/signing",
      scopes: ["read:signing_keys"],
      answer: () => ({ status: 200, body: [current()] }),
    }),
    endpoint({
      method: "GET",
      path: "/keys/signing/{kid}",
      scopes: ["read:signing_keys"],
      answer({ params }) {
        if (params["kid"] !== tenant.keys.kid) throw inexistent.signingKey();
        return { status: 200, body: current() };
      },
    }),
  ];
}
