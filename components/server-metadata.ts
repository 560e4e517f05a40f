/** @module Metadata that an OAuth2 server publishes about itself, found by its issuer. */
import { z } from "zod";
import { webUrl } from "./setting-types.ts";

/** How long one document may take, in milliseconds. */
const timeoutMs = 10_000;

/** More than any server says of itself. */
const maxCharacters = 1_000_000;

const documentSchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: webUrl.optional(),
  token_endpoint: webUrl
    .max(255, "has more than 255 characters, Auth0's limit for a token endpoint")
    .optional(),
  userinfo_endpoint: webUrl.optional(),
  scopes_supported: z.array(z.string()).optional(),
  grant_types_supported: z.array(z.string()).optional(),
  response_types_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});

/** What a server says of itself, as far as a connection needs it; the names are RFC 8414's. */
export type ServerMetadata = z.infer<typeof documentSchema>;

/** What was found, or why nothing was: one line for each address that was asked. */
export type FoundMetadata =
  | { readonly url: string; readonly metadata: ServerMetadata }
  | { readonly problems: readonly string[] };

/**
 * The addresses at which the metadata of an issuer may be, in the order in which they are asked:
 * OpenID Connect Discovery 1.0 section 4, then RFC 8414 section 3.1, where the well-known part goes
 * between host and path, then the same place for OpenID documents (RFC 8414 section 5).
 */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    ...new Set([
      `${origin}${path}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
    ]),
  ];
}

/**
 * Asks the issuer for its metadata. The first document that there is decides: a wrong one is a
 * problem, not a reason to go on looking.
 *
 * @param issuer https, or http on loopback.
 */
export async function findMetadata(issuer: string): Promise<FoundMetadata> {
  const absent: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const answer = await ask(url);
    if ("metadata" in answer) return checked(issuer, url, answer.metadata);
    absent.push(`${url} ${answer.seen}`);
    // Who can't be reached at one address can't be at the next.
    if (answer.unreachable) break;
  }
  return { problems: absent };
}

type Answer =
  | { readonly metadata: unknown }
  | { readonly seen: string; readonly unreachable: boolean };

async function ask(url: string): Promise<Answer> {
  const none = (seen: string, unreachable = false) => ({ seen, unreachable });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    return none(`can't be reached (${reasonOf(error)})`, true);
  }
  const location = response.headers.get("location");
  if (location !== null) return none(`answered ${response.status}, a redirect to ${location}`);
  if (response.status !== 200) return none(`answered ${response.status}`);
  if (text.length > maxCharacters) return none(`answered ${text.length} characters`);
  try {
    return { metadata: JSON.parse(text) };
  } catch {
    return none("answered 200 with something that is not JSON");
  }
}

function checked(issuer: string, url: string, document: unknown): FoundMetadata {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${url}: ${path.join(".") || "the document"} ${lowered(message)}`,
    );
    return { problems };
  }
  const { issuer: named } = parsed.data;
  // RFC 8414 section 3.3 wants them identical; people leave out the last slash, which changes no host.
  if (named.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) {
    return { problems: [`${url} is about the issuer "${named}", not "${issuer}"`] };
  }
  return { url, metadata: parsed.data };
}

function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string; message?: string }; name?: string };
  if (name === "TimeoutError") return `no answer in ${timeoutMs / 1000} s`;
  const { code, message } = cause ?? {};
  const reason = code ?? message ?? String(name);
  const untrusted = /CERT|SIGNATURE|ISSUER/.test(reason);
  return untrusted
    ? `${reason}; set NODE_EXTRA_CA_CERTS to its authority's PEM file if it is yours`
    : reason;
}

function lowered(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
