/** @module /keys/signing: the certificates of the tenant's keys, their rotation and revocation. */
import { X509Certificate } from "node:crypto";
import type { TenantContext } from "../context.ts";
import type { KeyLife } from "../key-rotation.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { inexistent, invalidBody } from "./management-error.ts";

export function signingKeyEndpoints(tenant: TenantContext): Endpoint[] {
  const { keys } = tenant;
  const show = (life: KeyLife) => shown(life, keys.kid);
  return [
    endpoint({
      method: "GET",
      path: "/keys/signing",
      scopes: ["read:signing_keys"],
      answer: () => ({ status: 200, body: keys.all().map(show) }),
    }),
    endpoint({
      method: "GET",
      path: "/keys/signing/{kid}",
      scopes: ["read:signing_keys"],
      answer({ params }) {
        const life = keys.all().find(({ kid }) => kid === params["kid"]);
        if (life === undefined) throw inexistent.signingKey();
        return { status: 200, body: show(life) };
      },
    }),
    endpoint({
      method: "POST",
      path: "/keys/signing/rotate",
      scopes: ["create:signing_keys", "update:signing_keys"],
      logged: "Rotate the signing key",
      async answer() {
        const { kid, cert } = await keys.rotate();
        return { status: 201, body: { kid, cert } };
      },
    }),
    endpoint({
      method: "PUT",
      path: "/keys/signing/{kid}/revoke",
      scopes: ["update:signing_keys"],
      logged: "Revoke a signing key",
      answer({ params }) {
        const { kid = "" } = params;
        if (kid === keys.kid) {
          throw invalidBody("The current signing key can't be revoked: rotate it first");
        }
        const revoked = keys.revoke(kid);
        if (revoked === undefined) throw inexistent.signingKey();
        return { status: 200, body: { kid, cert: revoked.cert } };
      },
    }),
  ];
}

function shown(life: KeyLife, currentKid: string): Record<string, unknown> {
  const { kid, cert, pkcs7, currentUntil, revokedAt } = life;
  const { fingerprint, validFromDate } = new X509Certificate(cert);
  const current = kid === currentKid;
  return {
    ...{ kid, cert, pkcs7 },
    ...(current ? { current } : { previous: true }),
    current_since: life.currentSince ?? validFromDate.toISOString(),
    ...(currentUntil === undefined ? {} : { current_until: currentUntil }),
    fingerprint,
    thumbprint: fingerprint.replaceAll(":", ""),
    ...(revokedAt === undefined ? {} : { revoked: true, revoked_at: revokedAt }),
  };
}
