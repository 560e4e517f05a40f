/** @module A client's public key, made from a PEM. */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { identifiers } from "../identifiers.ts";
import type { ClientCredential } from "../models/client.ts";
import type { CredentialInput } from "./client-credential-schema.ts";
import { invalidBody } from "./management-error.ts";

/** @throws {ManagementError} 400 when the PEM is no RSA key of 2048 bits or more (inferred). */
export function newCredential(input: CredentialInput): ClientCredential {
  if (input.credential_type !== "public_key") {
    throw invalidBody(`The credential type ${input.credential_type} is not supported here`);
  }
  const { key, validTo } = readPem(input.pem);
  if (key.asymmetricKeyType !== "rsa") throw invalidBody("The pem must hold an RSA public key");
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw invalidBody("The RSA key must have 2048 bits or more");
  }
  const now = new Date().toISOString();
  const expiresAt = input.expires_at ?? (input.parse_expiry_from_cert ? validTo : undefined);
  return {
    id: identifiers.newId("cred_"),
    credential_type: input.credential_type,
    kid: input.kid ?? thumbprint(key),
    alg: input.alg ?? "RS256",
    ...(input.name === undefined ? {} : { name: input.name }),
    pem: key.export({ format: "pem", type: "spki" }).toString(),
    created_at: now,
    updated_at: now,
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
  };
}

/** What an answer shows: everything but the key itself. */
export function credentialAnswer(credential: ClientCredential): Omit<ClientCredential, "pem"> {
  const { pem: _, ...shown } = credential;
  return shown;
}

function readPem(pem: string | undefined): { key: KeyObject; validTo?: string } {
  try {
    if (pem?.includes("BEGIN CERTIFICATE")) {
      const { publicKey, validTo } = new X509Certificate(pem);
      return { key: publicKey, validTo };
    }
    if (pem?.includes("PRIVATE KEY") !== true) return { key: createPublicKey(pem ?? "") };
  } catch {
    // Falls through to the one refusal: what the parser says may quote the key.
  }
  throw invalidBody("The pem must hold a public key or a certificate");
}

/** RFC 7638. */
function thumbprint(key: KeyObject): string {
  const { e, kty, n } = key.export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
}
