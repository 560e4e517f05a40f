/** @module What an answer shows of a user. */
import type { UserRow } from "../models/user.ts";

/** Without the password hash; a provider's tokens only to a token that may read them (inferred). */
export function userAnswer(user: UserRow, scopes: ReadonlySet<string>): Partial<UserRow> {
  const { password_hash: _, ...shown } = user;
  if (scopes.has("read:user_idp_tokens")) return shown;
  const identities = user.identities.map((identity) => {
    const { access_token: _access, refresh_token: _refresh, ...rest } = identity;
    return rest;
  });
  return { ...shown, identities };
}
