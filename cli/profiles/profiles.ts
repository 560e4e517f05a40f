/**
 * @module The profiles on disk: which tenant, which client, who is signed in. One file, 0600, written
 * as a whole under a lock; profile-storage.ts says how its secrets lie in it.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { $ZodError } from "zod/v4/core";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { writeWhole } from "./profile-file.ts";
import { withProfileLock } from "./profile-lock.ts";
import {
  askedStorage,
  type DiskFile,
  diskFile,
  opened,
  type Storage,
  sealedFile,
} from "./profile-storage.ts";

const allowedDomains = z.array(z.string());
/** Epoch milliseconds. */
const instant = z.number();

const profileSchema = z.object({
  /** Host of the tenant, with a port if it has one. */
  domain: z.string().check(z.minLength(1)),
  clientId: z.string().check(z.minLength(1)),
  /** Absent where the environment gives it. */
  clientSecret: z.optional(z.string()),
  audience: z.optional(z.string()),
  /** A local profile is for a loopback tenant only, any other for no loopback tenant. */
  local: z.boolean(),
  /** PEM file of the authority that signed the tenant's certificate. */
  caFile: z.optional(z.string()),
  /** Hosts that may see a provider's token, for every connection. */
  allowedDomains: z._default(allowedDomains, []),
  /** The stack's own connection. */
  connection: z.optional(z.string()),
  /** The stack that the profile was made from, so that a hint can name it. */
  stack: z.optional(z.string()),
  /** The folder of that stack's project: many projects have a stack of one name. */
  projectDir: z.optional(z.string()),
  /** A call of the stack's API that reads, with which `tvk doctor` ends. */
  apiUrl: z.optional(z.string()),
  /** The signed-in user. */
  auth0: z.optional(
    z.object({
      accessToken: z.string(),
      refreshToken: z.optional(z.string()),
      idToken: z.optional(z.string()),
      expiresAt: instant,
    }),
  ),
  /** The runtime's cache of tokens: its own keys and values. */
  connections: z._default(
    z.record(z.string(), z.object({ value: z.string(), expiresAt: instant })),
    {},
  ),
  /** By what the person calls the service. */
  serviceSettings: z._default(z.record(z.string(), z.object({ allowedDomains })), {}),
});

const fileSchema = z.object({
  current: z.optional(z.string()),
  profiles: z.record(z.string(), profileSchema),
});

export type Profile = z.infer<typeof profileSchema>;
export type ProfilesFile = z.infer<typeof fileSchema>;
/** What makes a profile; who is signed in comes later. */
export type ProfileSettings = Omit<
  z.input<typeof profileSchema>,
  "auth0" | "connections" | "serviceSettings"
>;

/** Longer than any writer needs. */
const LOCK_TIMEOUT_MS = 10_000;
/** Names travel in file names and on command lines. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

/** The folder of the profiles: `TVK_CONFIG_DIR`, auth0-tv's variable, or the user's config folder. */
export function profilesDir(env: NodeJS.ProcessEnv = process.env): string {
  const given = env["TVK_CONFIG_DIR"] || env["AUTH0_TV_CONFIG_DIR"];
  if (given) return given;
  const config = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  return join(config, "token-vault-kit");
}

/**
 * Makes or renews a profile and makes it the current one. Who was signed in stays signed in if
 * tenant and client are the same.
 *
 * @param chosen Its name, or what chooses one by the profiles that are there. It is returned.
 */
export function saveProfile(
  chosen: string | ((file: ProfilesFile) => string),
  settings: ProfileSettings,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return change(env, (file) => {
    const name = typeof chosen === "string" ? chosen : chosen(file);
    if (!NAME.test(name)) throw inputError("invalid_profile", `"${name}" is no name for a profile`);
    const old = named(file, name);
    const same = old?.domain === settings.domain && old.clientId === settings.clientId;
    file.profiles[name] = profileSchema.parse({
      ...settings,
      ...(same ? pick(old, ["auth0", "connections", "serviceSettings"]) : {}),
    });
    file.current = name;
    return name;
  });
}

/**
 * Reads a profile.
 *
 * @param name Default: the current one.
 * @returns undefined when there is none of that name.
 */
export function loadProfile(
  name?: string,
  env: NodeJS.ProcessEnv = process.env,
): { name: string; profile: Profile } | undefined {
  const file = readProfiles(env);
  const wanted = name ?? file.current;
  const profile = wanted === undefined ? undefined : named(file, wanted);
  return wanted === undefined || profile === undefined ? undefined : { name: wanted, profile };
}

/** Changes a profile in place, as one step among all processes. @returns What `edit` returns. */
export function updateProfile<T>(
  name: string,
  edit: (profile: Profile) => T,
  env: NodeJS.ProcessEnv = process.env,
): Promise<T> {
  return change(env, (file) => {
    const profile = named(file, name);
    if (!profile) throw inputError("unknown_profile", `there is no profile "${name}" any more`);
    return edit(profile);
  });
}

/** Removes the profiles that are meant, and everything in them. False when there was none. */
export async function removeProfiles(
  isMeant: (profile: Profile, name: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const meant = ({ profiles }: ProfilesFile) =>
    Object.entries(profiles).flatMap(([name, each]) => (isMeant(each, name) ? [name] : []));
  if (meant(readProfiles(env)).length === 0) return false;
  return change(env, (file) => {
    const names = meant(file);
    for (const name of names) delete file.profiles[name];
    if (file.current !== undefined && names.includes(file.current)) delete file.current;
    return names.length > 0;
  });
}

/**
 * Reads the whole file; an absent one is empty.
 *
 * @throws {CliError} `storage_error`: it can't be read, is no profile file, or its keyring can't be
 * used. It is left as it is.
 */
export function readProfiles(env: NodeJS.ProcessEnv = process.env): ProfilesFile {
  return profilesOf(readDisk(env), env);
}

/** Where the secrets of the profiles are kept now. */
export function storageOf(env: NodeJS.ProcessEnv = process.env): Storage {
  return readDisk(env).storage ?? "file";
}

function readDisk(env: NodeJS.ProcessEnv): DiskFile {
  const path = profilesPath(env);
  try {
    return diskFile(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return { profiles: {} };
    if (code !== undefined && !(cause instanceof $ZodError)) {
      throw storageError(
        `${path} can't be read: ${code}`,
        "Check its owner and permissions.",
        cause,
      );
    }
    throw noProfileFile(path, cause);
  }
}

function profilesOf(disk: DiskFile, env: NodeJS.ProcessEnv): ProfilesFile {
  const profiles = opened(disk);
  try {
    return fileSchema.parse({ current: disk.current, profiles });
  } catch (cause) {
    throw noProfileFile(profilesPath(env), cause);
  }
}

/** Neither the text nor zod's issues go on: both can hold secrets. */
function noProfileFile(path: string, cause: unknown) {
  const where = cause instanceof $ZodError ? cause.issues[0]?.path.join(".") : "not JSON";
  return storageError(
    `${path} is no profile file (${where})`,
    "Mend it, or move it away and sign in again.",
  );
}

/** Not `constructor` and its like, which every object has. */
function named({ profiles }: ProfilesFile, name: string): Profile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}

function profilesPath(env: NodeJS.ProcessEnv) {
  askedStorage(env);
  return join(profilesDir(env), "profiles.json");
}

async function change<T>(env: NodeJS.ProcessEnv, edit: (file: ProfilesFile) => T): Promise<T> {
  const path = profilesPath(env);
  try {
    mkdirSync(profilesDir(env), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw storageError(
      `${profilesDir(env)} can't be made`,
      "Set TVK_CONFIG_DIR to a folder of yours.",
      cause,
    );
  }
  return withProfileLock(`${path}.lock`, LOCK_TIMEOUT_MS, "changes the profiles", () => {
    const disk = readDisk(env);
    const file = profilesOf(disk, env);
    const result = edit(file);
    writeWhole(path, `${JSON.stringify(sealedFile(disk, file, env), null, 2)}\n`);
    return result;
  });
}

function storageError(message: string, hint: string, cause?: unknown) {
  return new CliError("storage_error", message, { exitCode: exitCodes.general, hint, cause });
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]) {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  );
}
