/** @module Random text and SHA-256, in base64url. */

/** Unguessable text: 256 bits in 43 characters. */
export function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * SHA-256 of a text, as the S256 code challenge has it.
 *
 * @see [RFC 7636 section 4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)
 */
export async function sha256(text: string): Promise<string> {
  return base64url(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  );
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
