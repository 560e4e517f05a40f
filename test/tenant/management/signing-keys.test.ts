/** @module Rotating and revoking the key that signs. */
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openWorld, type Row, type TenantWorld } from "../authentication/tenant-world.ts";

let world: TenantWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const keys = async () => (await world.api<Row[]>("GET", "/keys/signing")).body;
/** Revokes a key. A Management API token that it signed is no longer good: the next one is new. */
const revoke = async (kid: unknown) => {
  const { status } = await world.api("PUT", `/keys/signing/${kid}/revoke`);
  world.passSeconds(0);
  return status;
};
const accepts = (jwt: string) => {
  const url = new URL(`${world.tenant.url}/.well-known/jwks.json`);
  return jwtVerify(jwt, createRemoteJWKSet(url, { [customFetch]: fetch })).then(
    () => true,
    () => false,
  );
};

// parity: POST /keys/signing/rotate, PUT /keys/signing/{kid}/revoke | OpenAPI; docs: signing keys
suite("signing keys", () => {
  test("rotate: the new key signs, what the old one signed stays good until it is revoked", async () => {
    const before = await world.signUp("before@example.test");
    const old = String((await keys())[0]?.["kid"]);
    const rotated = await world.api("POST", "/keys/signing/rotate");
    expect(rotated.status).toBe(201);
    const after = await world.signUp("after@example.test");
    expect(decodeProtectedHeader(after.idToken).kid).toBe(rotated.body["kid"]);
    expect(await keys()).toMatchObject([
      { kid: rotated.body["kid"], current: true },
      { kid: old, previous: true, current_until: expect.any(String) },
    ]);
    expect(await accepts(before.idToken)).toBe(true);
    expect(await accepts(after.idToken)).toBe(true);

    expect(await revoke(old)).toBe(200);
    expect((await keys())[1]).toMatchObject({ kid: old, revoked: true });
    expect(await accepts(before.idToken)).toBe(false);
    expect(await accepts(after.idToken)).toBe(true);
  });

  test("stay over a restart, and an access token of the key before is still taken", async () => {
    const user = await world.signUp("restart@example.test");
    const bearer = await world.meToken(user.refreshToken);
    await world.api("POST", "/keys/signing/rotate");
    const list = await keys();
    await world.restart();
    expect(await keys()).toEqual(list);
    expect((await world.my(bearer, "GET", "/accounts")).status).toBe(200);
    expect(await revoke(list[1]?.["kid"])).toBe(200);
    expect((await world.my(bearer, "GET", "/accounts")).status).toBe(401);
  });

  test("refuse to revoke the key that signs, and one that is none", async () => {
    const [current] = await keys();
    expect(await revoke(current?.["kid"])).toBe(400);
    expect(await revoke("none")).toBe(404);
  });
});
