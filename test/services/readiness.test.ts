/** @module Whether a service answers, over plain HTTP and over TLS with an authority of its own. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { isReady } from "../../services/readiness.ts";
import { freePort } from "../free-ports.ts";

let dir: string;
let server: Server;
let url: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tvk-ready-"));
  const { cert, key } = await certificate();
  writeFileSync(join(dir, "ca.pem"), cert);
  server = createServer({ cert, key }, (request, response) => {
    response.writeHead(request.url === "/health" ? 204 : 302, { location: "/health" }).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  url = `https://localhost:${port}`;
});

afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function certificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const body = pkcs8.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    cert: made.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
  };
}

suite("isReady()", () => {
  test("trusts the authority in caFile", async () => {
    expect(await isReady({ url: `${url}/health`, caFile: join(dir, "ca.pem") })).toBe(true);
  });

  test("does not trust an authority that it was not given", async () => {
    expect(await isReady({ url: `${url}/health` })).toBe(false);
  });

  test("takes a redirect for no answer", async () => {
    expect(await isReady({ url: `${url}/`, caFile: join(dir, "ca.pem") })).toBe(false);
  });

  test("is false as long as the authority's file is not there", async () => {
    expect(await isReady({ url: `${url}/health`, caFile: join(dir, "later.pem") })).toBe(false);
  });

  test("is false where nobody listens", async () => {
    expect(await isReady({ url: `http://localhost:${await freePort()}/` })).toBe(false);
  });
});
