/** @module private_key_jwt, with openid-client on the other side. */
import {
  type CryptoKey,
  exportSPKI,
  type GenerateKeyPairResult,
  generateKeyPair,
  SignJWT,
} from "jose";
import * as oidc from "openid-client";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openWorld, type Row, type TenantWorld } from "./tenant-world.ts";

const audience = "https://api.example.com";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

let world: TenantWorld;
let clientId: string;
let secret: string;
let keys: GenerateKeyPairResult;

beforeAll(async () => {
  world = await openWorld();
  keys = await generateKeyPair("RS256");
  const { body } = await world.api("POST", "/clients", {
    name: "Key holder",
    app_type: "non_interactive",
  });
  clientId = String(body["client_id"]);
  secret = String(body["client_secret"]);
  await world.api("POST", "/resource-servers", {
    identifier: audience,
    scopes: [{ value: "read:all" }],
  });
  await world.api("POST", "/client-grants", { client_id: clientId, audience, scope: ["read:all"] });
  const credential = await world.api<Row>("POST", `/clients/${clientId}/credentials`, {
    credential_type: "public_key",
    name: "key",
    pem: await exportSPKI(keys.publicKey),
    alg: "RS256",
  });
  const attached = await world.api("PATCH", `/clients/${clientId}`, {
    token_endpoint_auth_method: null,
    client_authentication_methods: {
      private_key_jwt: { credentials: [{ id: credential.body.id }] },
    },
  });
  expect(attached.status).toBe(200);
});
afterAll(() => world.close());

async function assertion(claims: Row = {}, key: CryptoKey = keys.privateKey): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: clientId,
    sub: clientId,
    aud: `${world.tenant.url}/`,
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256" })
    .sign(key);
}
const send = async (client_assertion: string, more: Record<string, string> = {}) =>
  world.token(
    {
      grant_type: "client_credentials",
      audience,
      client_assertion,
      client_assertion_type: assertionType,
      ...more,
    },
    "no client",
  );
const refused = { status: 401, body: { error: "invalid_client" } };

// parity: POST /oauth/token: client authentication | docs: private key JWT; RFC 7523
suite("private_key_jwt", () => {
  test("lets openid-client in", async () => {
    const config = await oidc.discovery(
      new URL(world.tenant.url),
      clientId,
      undefined,
      oidc.PrivateKeyJwt(keys.privateKey),
    );
    const answer = await oidc.clientCredentialsGrant(config, { audience });
    expect(answer.scope).toBe("read:all");
  });

  test("needs no client_id next to the assertion", async () => {
    expect(await send(await assertion())).toMatchObject({ status: 200 });
  });

  test("RFC 7523 3: takes each jti once", async () => {
    const once = await assertion();
    expect(await send(once)).toMatchObject({ status: 200 });
    expect(await send(once)).toMatchObject(refused);
  });

  test.each([
    ["for another server", { aud: "https://other.example.com/" }],
    ["of another issuer", { iss: "someone" }],
    ["about another client", { sub: "someone" }],
    ["that has ended", { exp: Math.floor(Date.now() / 1000) - 10 }],
    ["that never ends", { exp: undefined }],
    ["that lives for a day", { exp: Math.floor(Date.now() / 1000) + 86_400 }],
    ["without a jti", { jti: undefined }],
  ])("refuses an assertion %s", async (_name, claims) => {
    expect(await send(await assertion(claims), { client_id: clientId })).toMatchObject(refused);
  });

  test("refuses another key, another type of assertion, and text that is no JWT", async () => {
    const other = await generateKeyPair("RS256");
    expect(await send(await assertion({}, other.privateKey))).toMatchObject(refused);
    const type = { client_assertion_type: "urn:example:other" };
    expect(await send(await assertion(), type)).toMatchObject(refused);
    expect(await send("x.y.z", { client_id: clientId })).toMatchObject(refused);
  });

  test("does not take the client's old secret any more", async () => {
    const form = { grant_type: "client_credentials", audience };
    expect(await world.token(form, { id: clientId, secret })).toMatchObject(refused);
  });
});
