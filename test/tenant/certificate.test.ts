/** @module The tenant's certificates, by the judgement of those who have to accept them. */
import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ServerCertificate, serverCertificate } from "../../tenant/certificate.ts";

const run = promisify(execFile);
let dir: string;
let certificate: ServerCertificate;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tvk-certificate-"));
  certificate = await serverCertificate(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

suite("serverCertificate()", () => {
  test("names localhost and both loopback addresses", () => {
    const { subjectAltName } = new X509Certificate(certificate.cert);
    expect(subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  });

  test("is signed by the CA, for less than the 398 days that browsers allow", () => {
    const server = new X509Certificate(certificate.cert);
    const authority = new X509Certificate(certificate.caPem);
    expect(authority.ca).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    const days = (Date.parse(server.validTo) - Date.parse(server.validFrom)) / 86_400_000;
    expect(days).toBeLessThanOrEqual(398);
  });

  test("is the same the next time, with private keys for the owner only", async () => {
    expect(await serverCertificate(dir)).toEqual(certificate);
    expect(readFileSync(join(dir, "ca.pem"), "utf8")).toBe(certificate.caPem);
    for (const name of ["ca-key.pem", "server-key.pem"]) {
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    }
  });

  test("is made anew under the same CA when it is damaged", async () => {
    const other = mkdtempSync(join(tmpdir(), "tvk-certificate-"));
    const first = await serverCertificate(other);
    writeFileSync(join(other, "server.pem"), "damaged");
    const second = await serverCertificate(other);
    expect(second.caPem).toBe(first.caPem);
    const authority = new X509Certificate(second.caPem);
    expect(new X509Certificate(second.cert).verify(authority.publicKey)).toBe(true);
    rmSync(other, { recursive: true, force: true });
  });

  test.each(["server-key.pem", "ca.pem", "ca-key.pem"])(
    "is made anew and whole when %s is damaged",
    async (name) => {
      const other = mkdtempSync(join(tmpdir(), "tvk-certificate-"));
      await serverCertificate(other);
      for (const damage of ["damaged", readFileSync(join(dir, name), "utf8")]) {
        writeFileSync(join(other, name), damage);
        // The authority's key is only read when there is something to sign.
        if (name === "ca-key.pem") writeFileSync(join(other, "server.pem"), "");
        const { cert, key, caPem } = await serverCertificate(other);
        const made = new X509Certificate(cert);
        expect(made.verify(new X509Certificate(caPem).publicKey)).toBe(true);
        expect(made.checkPrivateKey(createPrivateKey(key))).toBe(true);
      }
      rmSync(other, { recursive: true, force: true });
    },
  );

  test("is accepted by Node for its names, and refused for any other", async () => {
    const server = createServer(certificate, (_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const script = `
      const { request } = require("node:https");
      const [name] = process.argv.slice(1);
      const to = name === "127.0.0.1" ? {} : { servername: name };
      request({ host: "127.0.0.1", port: ${port}, ...to }, (r) => { console.log(r.statusCode); process.exit(); })
        .on("error", (e) => { console.log(e.code); process.exit(); }).end();`;
    const ask = async (name: string) => {
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(dir, "ca.pem") };
      return (await run(process.execPath, ["-e", script, name], { env })).stdout.trim();
    };
    expect(await ask("localhost")).toBe("200");
    expect(await ask("127.0.0.1")).toBe("200");
    expect(await ask("example.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    server.close();
  });
});

/** RFC 5280 4.2.1.10 as OpenSSL reads it; the program is not on every machine. */
const hasOpenssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);
const opensslTitle = hasOpenssl ? "the CA, by OpenSSL" : "the CA, by OpenSSL NOT RUN: no openssl";

suite.runIf(hasOpenssl)(opensslTitle, () => {
  test("RFC 5280 4.2.1.10: constrains names critically to loopback", async () => {
    const args = ["x509", "-in", join(dir, "ca.pem"), "-noout", "-text"];
    const { stdout } = await run("openssl", args);
    expect(stdout).toMatch(
      /Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+IP:127\.0\.0\.1\/255\.255\.255\.255\s+IP:0:0:0:0:0:0:0:1\/FFFF(:FFFF){7}/,
    );
  });

  test("can't sign for another name: what it signs there is refused", async () => {
    const at = (name: string) => join(dir, name);
    const subject = ["-subj", "/CN=example.com", "-addext", "subjectAltName=DNS:example.com"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    await run("openssl", [
      "req",
      "-new",
      ...key,
      "-keyout",
      at("k"),
      "-out",
      at("csr"),
      ...subject,
    ]);
    const authority = ["-CA", at("ca.pem"), "-CAkey", at("ca-key.pem"), "-copy_extensions", "copy"];
    await run("openssl", ["x509", "-req", "-in", at("csr"), ...authority, "-out", at("evil.pem")]);
    const verify = (name: string) => run("openssl", ["verify", "-CAfile", at("ca.pem"), at(name)]);
    await expect(verify("evil.pem")).rejects.toThrow("permitted subtree violation");
    expect((await verify("server.pem")).stdout).toContain("OK");
  });
});

const goProgram = `package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
)

func main() {
	pem, _ := os.ReadFile(os.Args[1])
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	for _, url := range os.Args[2:] {
		answer, err := client.Get(url)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(answer.StatusCode)
	}
}
`;

const hasGo = await run("go", ["version"]).then(
  () => true,
  () => false,
);
const goTitle = hasGo ? "the certificate, by Go" : "the certificate, by Go NOT RUN: no go on PATH";

suite.runIf(hasGo)(goTitle, () => {
  test("is accepted: the official provider is a Go program", async () => {
    const server = createServer(certificate, (_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(dir, "main.go"), goProgram);
    const urls = [`https://localhost:${port}/`, `https://127.0.0.1:${port}/`];
    const env = { ...process.env, GOFLAGS: "-mod=mod", GO111MODULE: "off" };
    const { stdout } = await run("go", ["run", "main.go", join(dir, "ca.pem"), ...urls], {
      cwd: dir,
      env,
    });
    expect(stdout).toBe("200\n200\n");
    server.close();
  });
});
