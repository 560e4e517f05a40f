/** @module The helpdesk's users, and the check of their passwords. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface Accounts {
  find(id: string): User | undefined;
  hasEmail(email: string): boolean;
  /** The user whose password it is. Takes as long for an unknown e-mail as for a wrong password. */
  authenticate(email: string, password: string): Promise<User | undefined>;
}

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(
  scrypt,
);

/** scrypt's cost: 16 MiB and about 40 ms a check. */
const cost = { N: 16_384, r: 8, p: 1 };
const keyBytes = 32;

/** Makes the text kept for a password: `scrypt$N$r$p$salt$key`, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize("NFKC"), salt, keyBytes, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("hex"), key.toString("hex")].join("$");
}

/** The form in which e-mail addresses are stored and compared. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Reads users from the database; writes nothing. */
export function accounts(database: DatabaseSync): Accounts {
  const byId = database.prepare("SELECT id, email, name FROM users WHERE id = ?");
  const byEmail = database.prepare(
    "SELECT id, email, name, password_hash FROM users WHERE email = ?",
  );
  return {
    find: (id) => toUser(byId.get(id)),
    hasEmail: (email) => byEmail.get(normalEmail(email)) !== undefined,
    async authenticate(email, password) {
      const row = byEmail.get(normalEmail(email));
      const matches = await passwordMatches(password, row?.["password_hash"]);
      return matches ? toUser(row) : undefined;
    },
  };
}

async function passwordMatches(password: string, stored: unknown): Promise<boolean> {
  const [, n, r, p, salt, key] = typeof stored === "string" ? stored.split("$") : [];
  // Without a user the same work is done, so that the time says nothing about who exists.
  const expected = key === undefined ? randomBytes(keyBytes) : Buffer.from(key, "hex");
  const options = { N: Number(n ?? cost.N), r: Number(r ?? cost.r), p: Number(p ?? cost.p) };
  const saltBytes = salt === undefined ? randomBytes(16) : Buffer.from(salt, "hex");
  const actual = await derive(password.normalize("NFKC"), saltBytes, expected.length, options);
  return timingSafeEqual(actual, expected);
}

function toUser(row: Record<string, unknown> | undefined): User | undefined {
  if (row === undefined) return undefined;
  return { id: String(row["id"]), email: String(row["email"]), name: String(row["name"]) };
}
