/** @module A user's tokens: whose they are, under which key they lie, and whether they do for a call. */
import { sha256 } from "./digest.ts";
import { NotConnectedError, ScopesNeededError, VaultError } from "./errors.ts";
import { exchange, type Subject } from "./provider-token.ts";
import type { Tenant } from "./tenant.ts";
import { covers, type HeldToken, type TokenCache, type Wanted } from "./token-cache.ts";
import type { SubjectToken } from "./vault-options.ts";
import { type MaybePromise, when } from "./when.ts";

/** The tokens of one user at a time, which `subjectToken` names. */
export interface UserTokens {
  /**
   * The held token of the user's account, or the fruit of one exchange. At once where all that it
   * takes is at hand.
   *
   * @throws {NotConnectedError} Nothing is connected.
   * @throws {ScopesNeededError} An exchange brought less than the call needs.
   */
  held(connection: string, wanted: Wanted & { loginHint?: string }): MaybePromise<HeldToken>;
  /** Where the user's tokens of a connection lie in the store; those of the tenant's own API at "". */
  key(connection: string, user?: Subject): MaybePromise<string>;
  /** @throws {VaultError} `LOGIN_REQUIRED`: there is no token. */
  subject(): MaybePromise<Subject>;
  /** The user, as a digest of their token: what a token claims about its user is not checked here. */
  owner(): MaybePromise<string>;
  /** Takes the new refresh token where the tenant rotates it, which Token Vault forbids. */
  rotate(refreshToken: string): unknown;
}

/** Makes them upon a cache. */
export function userTokens(
  tenant: Tenant,
  { type, value, onRotate }: SubjectToken,
  cache: TokenCache,
): UserTokens {
  /** The last user's token and its digest: most vaults have one user. */
  let known: string | undefined;
  let digest: MaybePromise<string>;

  const subject = () =>
    when(typeof value === "string" ? value : value(), (token) => {
      if (token) return { type, token };
      throw new VaultError("LOGIN_REQUIRED", "no user is signed in", { hint: "Sign the user in." });
    });

  const owner = (user: MaybePromise<Subject> = subject()) =>
    when(user, ({ token }) => {
      if (known !== token) {
        known = token;
        // From then on it is there at once.
        digest = sha256(`${tenant.issuer}\n${tenant.clientId}\n${token}`).then((made) => {
          if (known === token) digest = made;
          return made;
        });
      }
      return digest;
    });

  const key = (connection: string, user?: Subject) =>
    when(owner(user), (digest) => `tvk:${digest}:${connection}`);

  return {
    subject,
    owner,
    key,
    rotate: (refreshToken) => {
      if (typeof value === "string") value = refreshToken;
      return onRotate?.(refreshToken);
    },
    held: (connection, wanted) => {
      const { scopes = [], loginHint } = wanted;
      const held = when(subject(), (user) =>
        when(key(connection, user), (place) =>
          cache.token(
            place,
            loginHint ?? "",
            wanted,
            () => exchange(tenant, user, connection, loginHint),
            (hit) => tenant.onEvent({ type: "cache", connection, hit }),
          ),
        ),
      );
      const enough = (token: HeldToken) => {
        if (covers(token, scopes)) return token;
        const { scopes: granted = [] } = token;
        const missing = scopes.filter((scope) => !granted.includes(scope)).join(" ");
        throw new ScopesNeededError(
          "SCOPES_NEEDED",
          `"${connection}" is connected without the scope "${missing}"`,
          {
            connection,
            required: scopes,
            granted,
            hint: "Send the user through connect() for the required scopes.",
          },
        );
      };
      return when(held, enough, (cause) => {
        if ((cause as VaultError).code !== "NOT_CONNECTED") throw cause;
        // One exchange serves callers with different needs: each gets its own error.
        throw new NotConnectedError(
          "NOT_CONNECTED",
          `no account is connected for "${connection}"`,
          { ...(cause as VaultError), cause, required: scopes, granted: [] },
        );
      });
    },
  };
}
