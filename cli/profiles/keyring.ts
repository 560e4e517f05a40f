/**
 * @module The operating system's keyring: one key for each profiles file. What the key seals stays in the
 * file, so that it is written whole and under the file's lock, whatever its size: a keyring has no
 * transactions, and Windows takes 2,560 bytes an entry.
 */
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { CliError, exitCodes } from "../exit-codes.ts";

const SERVICE = "token-vault-kit";
const KEY_BYTES = 32;
/** The kernel's keyring, which the library would fall back to, forgets everything when the machine stops. */
const LASTING = { linux: { store: "secret-service" } } as const;

/** The keys that this process has read: the keyring is asked once. */
const known = new Map<string, Buffer>();

/**
 * Makes a new key and keeps it in the keyring, proven by reading it back.
 *
 * @throws {CliError} `storage_error`: there is no keyring, or it refuses.
 */
export function newKey(id: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const text = key.toString("base64url");
  const kept = asked(() => {
    const entry = entryOf(id);
    entry.setPassword(text);
    return entry.getPassword();
  });
  if (kept !== text) throw keyringError("it did not keep what it was given");
  known.set(id, key);
  return key;
}

/**
 * Reads a key.
 *
 * @throws {CliError} `storage_error`: it can't be read, or is not there. Never an empty key: that would
 * look like a user who is signed out.
 */
export function readKey(id: string): Buffer {
  const held = known.get(id);
  if (held) return held;
  const text = asked(() => entryOf(id).getPassword());
  if (!text) throw keyringError("it has no key for this profiles file");
  const key = Buffer.from(text, "base64url");
  if (key.length !== KEY_BYTES) throw keyringError("what it has is no key");
  known.set(id, key);
  return key;
}

/** Loads the native module: only who uses the keyring pays for it. */
function entryOf(id: string) {
  const require = createRequire(import.meta.url);
  const { Entry } = require("@napi-rs/keyring") as typeof import("@napi-rs/keyring");
  return new Entry(SERVICE, `profiles:${id}`, LASTING);
}

function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw keyringError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function keyringError(seen: string, cause?: unknown) {
  return new CliError("storage_error", `the keyring of this system can't be used: ${seen}`, {
    exitCode: exitCodes.general,
    hint: "Unlock it and try again; or set AUTH0_TV_STORAGE=file and TVK_CONFIG_DIR to a new folder, and sign in there.",
    cause,
  });
}
