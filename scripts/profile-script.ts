/** @module The fetchUserProfile text of a provider with an OpenID-Connect-shaped userinfo endpoint. */
import { oidcProfileText } from "./oidc-profile.generated.ts";

export interface ProfileScriptOptions {
  /** The provider's userinfo endpoint, as Auth0 reaches it. */
  readonly userinfoUrl: string;
}

/** Stands in the generated text where the URL goes, as a string literal of its own. */
export const userinfoUrlPlaceholder = "https://userinfo.invalid/";

/**
 * Puts a userinfo URL into the bundled script: synchronous, no file, no bundler.
 *
 * @returns The text of `options.scripts.fetchUserProfile`; the same URL gives the same text.
 *
 * @throws {TypeError} `userinfoUrl` is not an http or https URL.
 *
 * @example
 * ```ts
 * const script = helpdesk.url.apply((url) => profileScript({ userinfoUrl: `${url}/userinfo` }));
 * ```
 */
export function profileScript({ userinfoUrl }: ProfileScriptOptions): string {
  const url = URL.parse(userinfoUrl);
  if (url === null || !["https:", "http:"].includes(url.protocol) || url.username !== "") {
    throw new TypeError('"userinfoUrl" must be an http or https URL without a user name');
  }
  return oidcProfileText.replace(JSON.stringify(userinfoUrlPlaceholder), () => literal(url.href));
}

/** A JavaScript string of any text: beyond JSON, nothing that ends a line or a script element. */
function literal(text: string): string {
  const code = (character: string) => character.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(text).replace(/[<>\u2028\u2029]/g, (character) => `\\u${code(character)}`);
}
