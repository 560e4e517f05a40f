/** @module A tenant on the wire that a user can sign in to, and that can be made to lie. */
import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Answers, type Reply, type WireServer, wireServer } from "../runtime/wire-server.ts";

/** What the tenant does wrong. */
export interface Lies {
  /** Claims of the ID token instead of the right ones. */
  claims?: Record<string, unknown>;
  /** Signs with a key that is not published. */
  foreignKey?: boolean;
  /** Members of the token answer instead of the right ones. */
  tokens?: Record<string, unknown>;
  /** The token endpoint's answer instead. */
  tokenReply?: Reply;
  /** Members of the metadata instead of the right ones. */
  metadata?: Record<string, unknown>;
  /** Parameters of the callback instead of code and state; undefined takes one away. */
  callback?: Record<string, string | undefined>;
}

export interface LoginTenant extends WireServer {
  /** Goes to the page as a browser would, to the end of its redirects. */
  visit: (url: string) => Promise<void>;
  /** The query of the last /authorize. */
  asked: () => URLSearchParams;
}

/** Starts it; `more` answers everything that is not about signing in. */
export async function loginTenant(
  lies: Lies = {},
  more: Answers = () => undefined,
): Promise<LoginTenant> {
  const kid = randomUUID();
  const published = await generateKeyPair("RS256");
  const foreign = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(published.publicKey)), kid, use: "sig", alg: "RS256" };
  let asked = new URLSearchParams();
  const idToken = (issuer: string) =>
    new SignJWT({
      nonce: asked.get("nonce"),
      email: "alice@acme.test",
      name: "Alice",
      ...lies.claims,
    })
      .setProtectedHeader({ alg: "RS256", kid })
      .setIssuer(String(lies.claims?.["iss"] ?? issuer))
      .setAudience(String(lies.claims?.["aud"] ?? "client-1"))
      .setSubject("auth0|1")
      .setIssuedAt()
      .setExpirationTime(lies.claims?.["exp"] === undefined ? "10h" : Number(lies.claims["exp"]))
      .sign(lies.foreignKey ? foreign.privateKey : published.privateKey);
  const server = await wireServer(async (seen) => {
    const { path, form } = seen;
    const url = new URL(path, server.origin);
    const issuer = `${server.origin}/`;
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return {
          json: {
            issuer,
            authorization_endpoint: `${issuer}authorize`,
            token_endpoint: `${issuer}oauth/token`,
            jwks_uri: `${issuer}.well-known/jwks.json`,
            response_types_supported: ["code"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
            ...lies.metadata,
          },
        };
      case "/.well-known/jwks.json":
        return { json: { keys: [jwk] } };
      case "/authorize": {
        asked = url.searchParams;
        const back = new URL(asked.get("redirect_uri") ?? "");
        const fields = { code: "code-1", state: asked.get("state") ?? "", ...lies.callback };
        for (const [name, value] of Object.entries(fields))
          if (value !== undefined) back.searchParams.set(name, value);
        return { status: 302, headers: { location: back.href } };
      }
      case "/oauth/token": {
        if (form.get("grant_type") !== "authorization_code") break;
        if (lies.tokenReply) return lies.tokenReply;
        const challenge = createHash("sha256")
          .update(form.get("code_verifier") ?? "")
          .digest("base64url");
        if (challenge !== asked.get("code_challenge") || form.get("code") !== "code-1") {
          return {
            status: 403,
            json: { error: "invalid_grant", error_description: "Invalid authorization code" },
          };
        }
        return {
          json: {
            access_token: "at-auth0",
            refresh_token: "rt-new",
            id_token: await idToken(issuer),
            token_type: "Bearer",
            expires_in: 86_400,
            ...lies.tokens,
          },
        };
      }
    }
    return more(seen);
  });
  const visit = async (url: string) => {
    const response = await fetch(url);
    await response.text();
  };
  return { ...server, visit, asked: () => asked };
}
