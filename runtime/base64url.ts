/** @module Random text and digests in base64url, as PKCE and JWTs have them. */

/** Unguessable text: 256 bits in 43 characters. */
export function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)).buffer);
}

/**
 * The S256 code challenge of a verifier.
 *
 * @see [RFC 7636 section 4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)
 */
export async function codeChallenge(verifier: string): Promise<string> {
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

export function base64url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
