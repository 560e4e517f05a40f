/** @module How the profiles lie on disk: secrets sealed with a key of the keyring, or in the clear in a 0600 file. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod/mini";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { say } from "../output.ts";
import { newKey, readKey } from "./keyring.ts";

/** Where secrets are. */
export type Storage = "keyring" | "file";

const diskSchema = z.object({
  current: z.optional(z.string()),
  storage: z.optional(z.enum(["keyring", "file"])),
  /** Names the key in the keyring. */
  keyId: z.optional(z.string()),
  profiles: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** The file as it lies there. */
export type DiskFile = z.infer<typeof diskSchema>;

/** A profile's fields, whatever they are. */
type Fields = Record<string, unknown>;

/** The fields that nobody but the user may see. */
const SECRETS = ["clientSecret", "auth0", "connections"] as const;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Checks the shape, without opening anything. @throws {$ZodError} */
export function diskFile(value: unknown): DiskFile {
  return diskSchema.parse(value);
}

/** The profiles with their secrets. @throws {CliError} `storage_error`: the keyring, or a seal that is broken. */
export function opened({ keyId = "", profiles }: DiskFile): Record<string, Fields> {
  return Object.fromEntries(
    Object.entries(profiles).map(([name, { sealed, ...fields }]) => [
      name,
      typeof sealed === "string"
        ? { ...fields, ...unsealed(sealed, readKey(keyId), bound(name, fields)) }
        : fields,
    ]),
  );
}

/**
 * The profiles as they are to be written. Chooses the storage where none is chosen: the keyring if it
 * works, else the file with one note. A folder that somebody names has plain files (it is a container's, a
 * build's, or a test's) unless `AUTH0_TV_STORAGE` says keyring.
 */
export function sealedFile(
  before: Pick<DiskFile, "storage" | "keyId">,
  file: { current?: string | undefined; profiles: Record<string, Fields> },
  env: NodeJS.ProcessEnv,
): DiskFile {
  const { storage, keyId } = chosen(before, env);
  const { current, profiles } = file;
  const head = { ...(current === undefined ? {} : { current }), ...(storage ? { storage } : {}) };
  if (keyId === undefined) return { ...head, profiles };
  const sealed = Object.entries(profiles).map(([name, fields]) => [
    name,
    sealedProfile(name, fields, readKey(keyId)),
  ]);
  return { ...head, keyId, profiles: Object.fromEntries(sealed) };
}

/** What `AUTH0_TV_STORAGE` says. @throws {CliError} `invalid_input`: anything but keyring and file. */
export function askedStorage(env: NodeJS.ProcessEnv): Storage | undefined {
  const asked = env["AUTH0_TV_STORAGE"];
  if (!asked) return undefined;
  if (asked === "keyring" || asked === "file") return asked;
  throw inputError(
    "invalid_input",
    `AUTH0_TV_STORAGE is "${asked}"; it takes keyring or file`,
    "Leave it out to use the keyring where there is one.",
  );
}

function chosen(
  before: Pick<DiskFile, "storage" | "keyId">,
  env: NodeJS.ProcessEnv,
): Pick<DiskFile, "storage" | "keyId"> {
  const asked = askedStorage(env);
  const storage = asked ?? before.storage;
  if (storage === "file") return { storage };
  if (storage === "keyring" && before.keyId) return { storage, keyId: before.keyId };
  if (storage === undefined && (env["TVK_CONFIG_DIR"] || env["AUTH0_TV_CONFIG_DIR"])) return {};
  const keyId = randomBytes(8).toString("hex");
  try {
    newKey(keyId);
    return { storage: "keyring", keyId };
  } catch (error) {
    if (storage === "keyring") throw error;
    say("No keyring works here: secrets are kept in a file that only you can read.");
    return { storage: "file" };
  }
}

function sealedProfile(name: string, fields: Fields, key: Buffer): Fields {
  const secrets = Object.fromEntries(
    SECRETS.filter((field) => fields[field] !== undefined).map((field) => [field, fields[field]]),
  );
  const open = Object.fromEntries(
    Object.entries(fields).filter(([field]) => !Object.hasOwn(secrets, field)),
  );
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(bound(name, open));
  const text = Buffer.concat([cipher.update(JSON.stringify(secrets)), cipher.final()]);
  const sealed = Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64url");
  return { ...open, sealed };
}

function unsealed(sealed: string, key: Buffer, aad: Buffer): Fields {
  const bytes = Buffer.from(sealed, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(aad)
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return JSON.parse(Buffer.concat([text, decipher.final()]).toString());
  } catch (cause) {
    throw new CliError("storage_error", "a profile's secrets were not sealed with this key", {
      exitCode: exitCodes.general,
      hint: "The profiles file was changed or copied: put the old one back, or move it away and sign in again.",
      cause,
    });
  }
}

/** Secrets belong to one tenant and client: an edited domain must not be given them. */
function bound(name: string, { domain, clientId }: Fields): Buffer {
  return Buffer.from(JSON.stringify([name, domain, clientId]));
}
