/** @module Who is signed in, as the ID token says that was verified when it was kept. */

/** Claims of a person; each is there only if the tenant knows it. */
export interface SignedInUser {
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly sub: string | undefined;
}

/** Reads the claims without checking them again. @param idToken Empty or absent: nobody known. */
export function signedInUser(idToken = ""): SignedInUser {
  const [, payload = ""] = idToken.split(".");
  const claims = payload ? JSON.parse(Buffer.from(payload, "base64url").toString()) : {};
  const { email, name, sub } = claims as Record<string, string | undefined>;
  return { email, name, sub };
}
