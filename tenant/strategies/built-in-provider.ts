/** @module A provider that Auth0 knows by its strategy. */

/** What the tenant knows of a provider without being told by the connection. */
export interface BuiltIn {
  /** Scopes by the option that asks for them; an empty one is asked for by no scope. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Parameters of every authorize request. */
  readonly params: Readonly<Record<string, string>>;
  /** The user at the provider, by a GET with the access token; `user_id` and Auth0's root attributes. */
  profile(get: (url: string) => Promise<unknown>): Promise<Record<string, unknown>>;
}
