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
 * The name that the stack's profile has, or would have: its own, else the stack's, else with the folder's behind it
 * where that is another's.
 *
 * @param client The stack's. Where it is not known, another clone's profile of the same client counts as another's: the
 * next `up` takes it over.
 */
export function nameFor(file: ProfilesFile, place: StackPlace, client?: ProfileClient): string {
  const kept = placedName(file, place);
  if (kept !== undefined) return kept;
  const folder = basename(place.projectDir).replace(/[^A-Za-z0-9._-]+/g, "-");
  const beside = `${place.stack}@${folder}`;
  const isFree = (name: string) => {
    const there = Object.hasOwn(file.profiles, name) ? file.profiles[name] : undefined;
    if (there === undefined || isLeft(there, place, client)) return true;
    return client !== undefined && isOfClient(there, client);
  };
  if (isFree(place.stack)) return place.stack;
  for (let count = 1; ; count++) {
    const name = count === 1 ? beside : `${beside}-${count}`;
    if (isFree(name)) return name;
  }
}

/** A profile whose project is gone; or one from before profiles knew their folder, whose client was made anew. */
function isLeft(profile: Profile, { stack }: StackPlace, client?: ProfileClient): boolean {
  const { projectDir, domain } = profile;
  if (projectDir !== undefined) return !existsSync(join(projectDir, "Pulumi.yaml"));
  return client === undefined || (profile.stack === stack && domain === client.domain);
}
