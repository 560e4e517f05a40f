/** @module Identifiers and secrets in the forms that Auth0 gives them. */
import { hash, randomBytes } from "node:crypto";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Characters after the prefix, as seen in recordings. */
const lengths: Readonly<Record<string, number>> = { con_: 16, cgr_: 16, cac_: 22, cred_: 22 };

/** Makers of identifiers; all random, none guessable. */
export interface Identifiers {
  /** `con_`, `cgr_`: 16 base-62 characters after it; `cac_`, `cred_`: 22; any other prefix: 24. */
  newId(prefix: string): string;
  /** 32 alphanumerics. */
  newClientId(): string;
  /** 64 URL-safe characters. */
  newSecret(): string;
  /** 24 hexadecimal digits: APIs and database users. */
  newHexId(): string;
  /** Any number of base-62 characters. */
  newText(length: number): string;
}

export const identifiers: Identifiers = {
  newId: (prefix) => prefix + base62Text(lengths[prefix] ?? 24),
  newClientId: () => base62Text(32),
  newSecret: () => randomBytes(48).toString("base64url"),
  newHexId: () => randomBytes(12).toString("hex"),
  newText: base62Text,
};

/** SHA-256 in base64url: how refresh tokens and codes are kept. */
export function sha256(text: string): string {
  return hash("sha256", text, "base64url");
}

function base62Text(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the last multiple of 62 in a byte: the rest would favour the first characters.
      if (byte < 248 && text.length < length) text += base62[byte % 62];
    }
  }
  return text;
}
