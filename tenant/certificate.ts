/** @module The tenant's TLS certificate, and the local CA that signs it. */
import { createPrivateKey, type webcrypto, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loopbackConstraints } from "./der.ts";

/** What an HTTPS server needs, and what its clients have to trust. */
export interface ServerCertificate {
  /** Private key, PEM. */
  key: string;
  /** Server certificate, PEM. */
  cert: string;
  /** The local CA, PEM; also in `DIR/ca.pem`. */
  caPem: string;
}

const dayMs = 86_400_000;
const caLifeMs = 3650 * dayMs;
/** Browsers refuse server certificates that live longer than 398 days. */
const serverLifeMs = 397 * dayMs;
const renewBeforeMs = 30 * dayMs;

const files = {
  ca: "ca.pem",
  caKey: "ca-key.pem",
  cert: "server.pem",
  key: "server-key.pem",
} as const;

/**
 * Takes the certificate from DIR, or makes it: for localhost, 127.0.0.1 and ::1.
 *
 * The CA is critically name-constrained to these names, so whoever trusts it trusts nothing else
 * that it could sign. Both renew on their own 30 days before their end; a new CA has to be trusted
 * again. Times are real ones, whatever clock the tenant runs on: TLS clients have no other.
 */
export async function serverCertificate(dir: string): Promise<ServerCertificate> {
  const kept = read(dir);
  if (kept && !endsSoon(kept.cert) && !endsSoon(kept.caPem) && fits(kept)) return kept;
  const x509 = await loadX509();
  const authority = await openAuthority(x509, dir);
  const { pem, key } = await signServer(x509, authority);
  write(dir, files.key, key, 0o600);
  write(dir, files.cert, pem, 0o644);
  return { key, cert: pem, caPem: authority.pem };
}

/**
 * A self-signed certificate for the tenant's signing key, as JWKS and /keys/signing show one.
 * Nobody checks its end: it lives as long as the CA.
 */
export async function signingCertificate(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const x509 = await loadX509();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + caLifeMs),
    signingAlgorithm: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    keys,
  });
  return certificate.toString("pem");
}

/** Loaded only when there is something to sign: it would double the time of a start. */
async function loadX509(): Promise<X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

type X509 = typeof import("@peculiar/x509");

interface Authority {
  certificate: import("@peculiar/x509").X509Certificate;
  keys: webcrypto.CryptoKeyPair;
  pem: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

function read(dir: string): ServerCertificate | undefined {
  const paths = [files.key, files.cert, files.ca, files.caKey].map((name) => join(dir, name));
  if (!paths.every((path) => existsSync(path))) return undefined;
  const [key = "", cert = "", caPem = ""] = paths.map((path) => readFileSync(path, "utf8"));
  return { key, cert, caPem };
}

/** True also of a file that is no certificate: it is made anew then. */
function endsSoon(pem: string): boolean {
  try {
    const { validTo } = new X509Certificate(pem);
    return Date.parse(validTo) - Date.now() < renewBeforeMs;
  } catch {
    return true;
  }
}

/** Key, certificate and authority belong together; damaged ones do not. */
function fits({ key, cert, caPem }: ServerCertificate): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const authority = new X509Certificate(caPem);
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) && certificate.verify(authority.publicKey)
    );
  } catch {
    return false;
  }
}

async function openAuthority(x509: X509, dir: string): Promise<Authority> {
  const kept = await keptAuthority(x509, dir);
  if (kept !== undefined) return kept;
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=token-vault-kit local CA ${serialNumber().slice(0, 8)}`,
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + caLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension("2.5.29.30", true, loopbackConstraints()),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = `${certificate.toString("pem")}\n`;
  write(dir, files.caKey, await privatePem(x509, keys.privateKey), 0o600);
  write(dir, files.ca, pem, 0o644);
  return { certificate, keys, pem };
}

/** Undefined where there is none, where it ends soon, and where a file of it is damaged. */
async function keptAuthority(x509: X509, dir: string): Promise<Authority | undefined> {
  const pemPath = join(dir, files.ca);
  const keyPath = join(dir, files.caKey);
  if (!existsSync(pemPath) || !existsSync(keyPath)) return undefined;
  const pem = readFileSync(pemPath, "utf8");
  if (endsSoon(pem)) return undefined;
  const keyPem = readFileSync(keyPath, "utf8");
  try {
    if (!new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem))) return undefined;
  } catch {
    return undefined;
  }
  const certificate = new x509.X509Certificate(pem);
  const der = x509.PemConverter.decodeFirst(keyPem);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
  const publicKey = await certificate.publicKey.export(algorithm, ["verify"]);
  return { certificate, keys: { privateKey, publicKey }, pem };
}

async function signServer(x509: X509, authority: Authority): Promise<{ pem: string; key: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: authority.certificate.subject,
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + serverLifeMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  return {
    pem: `${certificate.toString("pem")}\n`,
    key: await privatePem(x509, keys.privateKey),
  };
}

/** 16 random bytes, positive: RFC 5280 4.1.2.2 wants no leading one bit. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

async function privatePem(x509: X509, key: webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

/** A reader sees the old file or the new one, never a half. */
function write(dir: string, name: string, text: string, mode: number): void {
  const path = join(dir, name);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}
