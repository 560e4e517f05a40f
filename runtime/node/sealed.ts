/** @module Encrypts what a store keeps: AES-256-GCM, bound to the name that it is kept under. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Seals and opens the entries of one store. */
export interface Seal {
  seal(name: string, text: string): string;
  /** Undefined for what was sealed with another key, under another name, or was tampered with. */
  open(name: string, sealed: string): string | undefined;
}

/** In bytes, as SP 800-38D recommends them. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Fewer characters can't hold the 256 bits that the cipher has. */
const MIN_KEY_LENGTH = 32;

/**
 * Makes a seal of a key.
 *
 * @param encryptionKey At least 32 random bytes, or 32 characters of random text. Its SHA-256 is the
 * cipher's key: a password is none.
 *
 * @throws {TypeError} The key is too short.
 */
export function sealWith(encryptionKey: string | Uint8Array): Seal {
  if (encryptionKey.length < MIN_KEY_LENGTH) {
    throw new TypeError(`"encryptionKey" must have at least ${MIN_KEY_LENGTH} bytes or characters`);
  }
  const key = createHash("sha256").update(encryptionKey).digest();
  return {
    seal: (name, text) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(name));
      const body = [cipher.update(text, "utf8"), cipher.final()];
      return Buffer.concat([iv, cipher.getAuthTag(), ...body]).toString("base64");
    },
    open: (name, sealed) => {
      try {
        const bytes = Buffer.from(sealed, "base64");
        const bodyAt = IV_BYTES + TAG_BYTES;
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        })
          .setAAD(Buffer.from(name))
          .setAuthTag(bytes.subarray(IV_BYTES, bodyAt));
        return decipher.update(bytes.subarray(bodyAt), undefined, "utf8") + decipher.final("utf8");
      } catch {
        // Whatever it is, it is no entry of ours: the next exchange overwrites it.
        return undefined;
      }
    },
  };
}
