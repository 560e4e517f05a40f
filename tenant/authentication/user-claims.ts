/** @module Which facts about a user go with which scope: for ID tokens and /userinfo. */
import type { UserRow } from "../models/user.ts";

const profile = ["name", "given_name", "family_name", "nickname", "picture", "updated_at"] as const;

/** Scopes that name one claim each. */
const single = [
  "name",
  "given_name",
  "family_name",
  "nickname",
  "picture",
  "created_at",
  "identities",
];

/** Claims of the granted scopes that the user has; `sub` is not among them. */
export function userClaims(user: UserRow, scopes: readonly string[]): Record<string, unknown> {
  const names = new Set<string>();
  if (scopes.includes("profile")) for (const name of profile) names.add(name);
  if (scopes.includes("email")) for (const name of ["email", "email_verified"]) names.add(name);
  if (scopes.includes("email_verified")) names.add("email_verified");
  if (scopes.includes("phone"))
    for (const name of ["phone_number", "phone_verified"]) names.add(name);
  if (scopes.includes("address")) names.add("address");
  for (const name of single) if (scopes.includes(name)) names.add(name);
  const claims: Record<string, unknown> = {};
  for (const name of names) {
    const value = name === "identities" ? withoutTokens(user) : user[name];
    if (value !== undefined && value !== null) claims[name] = value;
  }
  // The address may be there before anyone has confirmed it.
  if (claims["email"] !== undefined) claims["email_verified"] = user.email_verified ?? false;
  return claims;
}

function withoutTokens(user: UserRow): unknown {
  return user.identities.map(({ connection, user_id, provider, isSocial }) => ({
    connection,
    user_id,
    provider,
    isSocial,
  }));
}
