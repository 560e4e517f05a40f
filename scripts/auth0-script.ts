/** @module What a fetchUserProfile script is to Auth0: its signature, and the sandbox's `request`. */

/**
 * The function that Auth0 calls after it got tokens from the provider of a custom oauth2 connection.
 *
 * @param accessToken The provider's access token.
 * @param context The provider's whole token answer.
 * @param callback Called once: with an error, or with null and the profile.
 *
 * @see [Auth0: connect with a custom OAuth2 provider](https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/oauth2)
 */
export type FetchUserProfile = (
  accessToken: string,
  context: ScriptContext,
  callback: ScriptCallback,
) => void;

/** The token answer: `id_token`, `refresh_token`, and what else the provider sends. */
type ScriptContext = Readonly<Record<string, unknown>>;

/** The error's message reaches the application in `error_description`. */
type ScriptCallback = (error: Error | null, profile?: UserProfile) => void;

/** What Auth0 reads as attributes of the user; any other key lands on the user as it is. */
export interface UserProfile {
  /** Keys the connected account and the user: never changes, never is given to somebody else. */
  user_id: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  nickname?: string;
  picture?: string;
  given_name?: string;
  family_name?: string;
}

/** The part of the `request` library that is there as a global, without require. */
export interface SandboxRequest {
  get(options: SandboxRequestOptions, callback: SandboxRequestCallback): void;
  post(options: SandboxRequestOptions, callback: SandboxRequestCallback): void;
}

export interface SandboxRequestOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `true` parses the answer's body; an object is sent as the body. */
  readonly json?: boolean | object;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Default true. */
  readonly followRedirect?: boolean;
}

/** `body` is the parsed JSON, or the text where it is none. */
export type SandboxRequestCallback = (
  error: (Error & { readonly code?: string }) | null,
  response: { readonly statusCode: number } | undefined,
  body: unknown,
) => void;
