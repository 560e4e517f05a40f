/** @module Auth0's defaults on a created user. */
import { createHash } from "node:crypto";
import type { UserIdentity, UserRow } from "./user.ts";

/** What is known of a user when it is made. */
export interface NewUser {
  userId: string;
  identity: UserIdentity;
  /** Root attributes of the profile; `name`, `nickname` and `picture` have defaults from `email`. */
  profile: { email?: string; name?: string; nickname?: string; picture?: string } & Record<
    string,
    unknown
  >;
  /** Epoch seconds. */
  now: number;
}

/** A database user's `name` is the e-mail address, `nickname` its local part, `picture` its gravatar. */
export function newUser({ userId, identity, profile, now }: NewUser): UserRow {
  const date = new Date(now * 1000).toISOString();
  const { email } = profile;
  const username = typeof profile["username"] === "string" ? profile["username"] : undefined;
  const nickname = email?.split("@")[0] ?? username;
  const name = email ?? username;
  return {
    ...(name === undefined ? {} : { name }),
    ...(nickname === undefined ? {} : { nickname }),
    ...(email === undefined ? {} : { picture: gravatar(email), email_verified: false }),
    ...profile,
    user_id: userId,
    identities: [identity],
    created_at: date,
    updated_at: date,
  };
}

function gravatar(email: string): string {
  const hash = createHash("md5").update(email.trim().toLowerCase()).digest("hex");
  const initials =
    email
      .slice(0, 2)
      .toLowerCase()
      .replace(/[^a-z]/g, "") || "us";
  const fallback = encodeURIComponent(`https://cdn.auth0.com/avatars/${initials}.png`);
  return `https://s.gravatar.com/avatar/${hash}?s=480&r=pg&d=${fallback}`;
}
