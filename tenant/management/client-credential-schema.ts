/** @module What requests may say about a client's public key. */
import { z } from "zod";
import { format } from "./validate.ts";

const dateTime = () =>
  format(
    "date-time",
    (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)),
  );

/** POST /clients/{client_id}/credentials, and the inline form on POST /clients. */
export const credentialInput = z.strictObject({
  credential_type: z.enum(["public_key", "cert_subject_dn", "x509_cert"]),
  name: z.string().max(128).optional(),
  subject_dn: z.string().min(1).max(256).optional(),
  pem: z.string().min(1).max(4_096).optional(),
  alg: z.enum(["RS256", "RS384", "PS256"]).optional(),
  parse_expiry_from_cert: z.boolean().optional(),
  expires_at: dateTime().optional(),
  kid: z
    .string()
    .min(10)
    .max(64)
    .regex(/^([0-9a-zA-Z-_]{10,64})$/)
    .optional(),
});

/** PATCH /clients/{client_id}/credentials/{credential_id}. */
export const credentialUpdate = z.strictObject({ expires_at: dateTime().nullable() });

export type CredentialInput = z.infer<typeof credentialInput>;
