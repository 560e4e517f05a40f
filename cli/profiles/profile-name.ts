/** @module Which profile is a stack's: by the project's folder, since many projects have a stack of one name. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Profile, ProfilesFile } from "./profiles.ts";

/** A stack of the project in this folder. */
export interface StackPlace {
  readonly projectDir: string;
  readonly stack: string;
}

/** The client that a profile signs users in with. */
export type ProfileClient = Pick<Profile, "domain" | "clientId">;

/** True where this stack has saved the profile. */
export function isOfPlace(profile: Profile, { projectDir, stack }: StackPlace): boolean {
  return profile.projectDir === projectDir && profile.stack === stack;
}

/** True where the profile is this client's, whichever clone of its project has saved it. */
export function isOfClient(profile: Profile, { domain, clientId }: ProfileClient): boolean {
  return profile.domain === domain && profile.clientId === clientId;
}

/** The name that the stack's profile has. Undefined where it has none. */
function placedName({ profiles }: ProfilesFile, place: StackPlace): string | undefined {
  return Object.keys(profiles).find((name) => {
    const profile = profiles[name];
    return profile !== undefined && isOfPlace(profile, place);
  });
}

/**
 * The name that the stack's profile has; where it has none, the stack's own, unless that one is another folder's,
 * whose users may not be this stack's. Which client the stack has is not asked: the next `up` of a second clone of one
 * project takes the profile of their client over.
 */
export function nameOfPlace(file: ProfilesFile, place: StackPlace): string {
  const kept = placedName(file, place);
  if (kept !== undefined) return kept;
  const { projectDir } = file.profiles[place.stack] ?? {};
  const isOthers = projectDir !== undefined && projectDir !== place.projectDir;
  return isOthers && isProject(projectDir) ? besideName(place) : place.stack;
}

/** The name to save it under: its own, else the stack's, else with the folder's behind it where that is another's. */
export function nameFor(file: ProfilesFile, place: StackPlace, client: ProfileClient): string {
  const kept = placedName(file, place);
  if (kept !== undefined) return kept;
  const beside = besideName(place);
  const isFree = (name: string) => {
    const there = Object.hasOwn(file.profiles, name) ? file.profiles[name] : undefined;
    return there === undefined || isOfClient(there, client) || isLeft(there, place, client);
  };
  if (isFree(place.stack)) return place.stack;
  for (let count = 1; ; count++) {
    const name = count === 1 ? beside : `${beside}-${count}`;
    if (isFree(name)) return name;
  }
}

/** A profile whose project is gone; or one from before profiles knew their folder, whose client was made anew. */
function isLeft(profile: Profile, { stack }: StackPlace, { domain }: ProfileClient): boolean {
  const { projectDir } = profile;
  if (projectDir !== undefined) return !isProject(projectDir);
  return profile.stack === stack && profile.domain === domain;
}

function besideName({ projectDir, stack }: StackPlace): string {
  return `${stack}@${basename(projectDir).replace(/[^A-Za-z0-9._-]+/g, "-")}`;
}

function isProject(dir: string): boolean {
  return existsSync(join(dir, "Pulumi.yaml"));
}
