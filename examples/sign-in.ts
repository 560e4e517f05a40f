/** @module What a web app has before it meets the vault: settings, sessions, and sign-in by OpenID Connect. */
import { randomUUID } from "node:crypto";
import * as oidc from "openid-client";

/** What the stack's outputs say. */
export interface ExampleSettings {
  /** `acme.eu.auth0.com` */
  domain: string;
  clientId: string;
  clientSecret: string;
  /** The connection of the internal API, and where that is. */
  connection: string;
  apiUrl: string;
  /** Where this server is, without a slash at the end; its callbacks are `/callback` and `/connected`. */
  baseUrl: string;
}

/** What is kept of a browser, on the server. */
export interface Session {
  refreshToken?: string;
  /** Of a sign-in that is under way. */
  verifier?: string;
  state?: string;
  /** Of a connect that is under way. */
  connecting?: string;
}

/** Sessions by the id in the browser's cookie. In production: in a database, with an end. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  /** The session of this id, or a new one: an id that we did not give is nobody's. */
  open(id = ""): { id: string; session: Session } {
    const session = this.#sessions.get(id);
    return session ? { id, session } : this.#add({});
  }

  /** Moves a session to a new id, when its user signs in: who knew the old one has nothing. */
  renew(id: string): string {
    const { session } = this.open(id);
    this.#sessions.delete(id);
    return this.#add(session).id;
  }

  #add(session: Session) {
    const id = randomUUID();
    this.#sessions.set(id, session);
    return { id, session };
  }
}

/** Sign-in with PKCE and state, by openid-client. */
export async function signIn({ domain, clientId, clientSecret, baseUrl }: ExampleSettings) {
  const auth0 = await oidc.discovery(new URL(`https://${domain}/`), clientId, clientSecret);
  return {
    /** Where to send the browser. The refresh token needs `offline_access`. */
    async begin(session: Session): Promise<string> {
      session.verifier = oidc.randomPKCECodeVerifier();
      session.state = oidc.randomState();
      const url = oidc.buildAuthorizationUrl(auth0, {
        redirect_uri: `${baseUrl}/callback`,
        scope: "openid profile offline_access",
        state: session.state,
        code_challenge: await oidc.calculatePKCECodeChallenge(session.verifier),
        code_challenge_method: "S256",
      });
      return url.href;
    },
    /** Keeps the user's refresh token in the session that began. */
    async finish(session: Session, callbackUrl: URL): Promise<void> {
      const { verifier = "", state = "" } = session;
      delete session.verifier;
      delete session.state;
      const checks = { pkceCodeVerifier: verifier, expectedState: state };
      const tokens = await oidc.authorizationCodeGrant(auth0, callbackUrl, checks);
      if (tokens.refresh_token) session.refreshToken = tokens.refresh_token;
    },
  };
}
