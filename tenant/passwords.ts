/** @module Hashes and checks passwords with scrypt. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** 16 MiB and some 40 ms each: RFC 7914 section 2's interactive parameters. */
const cost: ScryptOptions = { N: 16_384, r: 8, p: 1 };
const keyBytes = 32;

/** @returns `scrypt$SALT$HASH`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt);
  return `scrypt$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** False also when the user has no password; takes the same time then, so that it tells nothing. */
export async function checkPassword(password: string, kept: string | undefined): Promise<boolean> {
  const [, salt = "", hash = ""] = (kept ?? "").split("$");
  const expected = Buffer.from(hash, "base64url");
  const actual = await derive(password, Buffer.from(salt, "base64url"));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyBytes, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
