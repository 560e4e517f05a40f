/** @module The fetchUserProfile script for a provider whose userinfo endpoint is shaped as OpenID Connect's. */
import type { FetchUserProfile, SandboxRequest, UserProfile } from "./auth0-script.ts";

/** A global of Auth0's sandbox. */
declare const request: SandboxRequest;

/** Put in when the script is bundled. */
declare const USERINFO_URL: string;

const userinfoUrl = USERINFO_URL;

/** Well below the sandbox's own limit of about 20 seconds, so that the reason can still be told. */
const timeoutMs = 10_000;

const textClaims = [
  "email",
  "name",
  "nickname",
  "picture",
  "given_name",
  "family_name",
] as const satisfies (keyof UserProfile)[];

/**
 * Reads the user's claims with their access token.
 *
 * `user_id` is the claim of that name, else `sub`. A redirect is not followed: it would take the
 * token to another place. No error has the token in it.
 *
 * @see [OpenID Connect Core 5.3.2](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)
 */
export const fetchUserProfile: FetchUserProfile = (accessToken, _context, callback) => {
  const options = {
    url: userinfoUrl,
    headers: { Authorization: `Bearer ${accessToken}`, Accept: "application/json" },
    json: true,
    timeout: timeoutMs,
    followRedirect: false,
  };
  request.get(options, (error, response, body) => {
    if (error) return callback(problem(`could not be reached (${error.code ?? "network error"})`));
    const status = response?.statusCode;
    if (status !== 200) return callback(problem(`answered ${status}${errorCode(body)}`));
    if (!isObject(body)) return callback(problem("answered with no JSON object"));
    const profile = toProfile(body);
    if (!profile) return callback(problem("answered without a user_id and without a sub"));
    callback(null, profile);
  });
};

function problem(what: string): Error {
  return new Error(`the userinfo endpoint ${userinfoUrl} ${what}`);
}

/** The code of an OAuth error, never its description, in which a server might repeat the token. */
function errorCode(body: unknown): string {
  const code = isObject(body) ? body["error"] : undefined;
  return typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? ` ${code}` : "";
}

function toProfile(claims: Record<string, unknown>): UserProfile | undefined {
  const userId = identifier(claims["user_id"]) ?? identifier(claims["sub"]);
  if (userId === undefined) return undefined;
  const profile: UserProfile = { user_id: userId };
  for (const claim of textClaims) {
    const value = claims[claim];
    if (typeof value === "string" && value !== "") profile[claim] = value;
  }
  const verified = claims["email_verified"];
  if (typeof verified === "boolean") profile.email_verified = verified;
  return profile;
}

/** Some services number their users; Auth0 keeps text. */
function identifier(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
