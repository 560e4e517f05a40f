/** @module A web app with many users on Hono: sign in, connect an account, fetch with it. */
import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import * as oidc from "openid-client";
import { ClientSecretPost, TokenVault, VaultError } from "../runtime/index.ts";

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

/** What is kept of a browser. In production: in a database, with an end. */
interface Session {
  refreshToken?: string;
  /** Of a sign-in that is under way. */
  verifier?: string;
  state?: string;
  /** Of a connect that is under way: secret, it stays on the server. */
  connecting?: string;
}

/** Makes the app; serve it with `@hono/node-server`, or wherever Hono runs. */
export async function honoServer(settings: ExampleSettings): Promise<Hono> {
  const { domain, clientId, clientSecret, connection, apiUrl, baseUrl } = settings;
  const auth0 = await oidc.discovery(new URL(`https://${domain}/`), clientId, clientSecret);
  const sessions = new Map<string, Session>();

  /** One vault for each request: the token is the one of this browser's user. */
  const vaultOf = (session: Session) =>
    new TokenVault({
      domain,
      clientId,
      clientAuth: ClientSecretPost(clientSecret),
      subjectToken: { type: "refresh_token", value: () => session.refreshToken ?? "" },
      allowedDomains: [new URL(apiUrl).host],
    });

  const sessionOf = (c: Context) => {
    const id = getCookie(c, "session") ?? randomUUID();
    const session = sessions.get(id) ?? {};
    sessions.set(id, session);
    const secure = baseUrl.startsWith("https:");
    setCookie(c, "session", id, { httpOnly: true, sameSite: "Lax", path: "/", secure });
    return session;
  };

  const app = new Hono();

  app.get("/login", async (c) => {
    const session = sessionOf(c);
    session.verifier = oidc.randomPKCECodeVerifier();
    session.state = oidc.randomState();
    const url = oidc.buildAuthorizationUrl(auth0, {
      redirect_uri: `${baseUrl}/callback`,
      scope: "openid profile offline_access",
      state: session.state,
      code_challenge: await oidc.calculatePKCECodeChallenge(session.verifier),
      code_challenge_method: "S256",
    });
    return c.redirect(url.href);
  });

  app.get("/callback", async (c) => {
    const session = sessionOf(c);
    const back = new URL(c.req.url).search;
    const tokens = await oidc.authorizationCodeGrant(auth0, new URL(`${baseUrl}/callback${back}`), {
      pkceCodeVerifier: session.verifier ?? "",
      expectedState: session.state ?? "",
    });
    if (tokens.refresh_token) session.refreshToken = tokens.refresh_token;
    return c.redirect("/tickets");
  });

  app.get("/connect", async (c) => {
    const session = sessionOf(c);
    const scopes = c.req.queries("scope");
    const start = await vaultOf(session).connect(connection, {
      redirectUri: `${baseUrl}/connected`,
      ...(scopes ? { scopes } : {}),
    });
    session.connecting = start.session;
    return c.redirect(start.url);
  });

  app.get("/connected", async (c) => {
    const session = sessionOf(c);
    const back = new URL(c.req.url).search;
    await vaultOf(session).complete(`${baseUrl}/connected${back}`, session.connecting ?? "");
    delete session.connecting;
    return c.redirect("/tickets");
  });

  app.get("/tickets", async (c) => {
    const response = await vaultOf(sessionOf(c)).fetch(connection, `${apiUrl}/tickets`);
    return c.json((await response.json()) as object);
  });

  app.onError((error, c) => {
    if (!(error instanceof VaultError)) throw error;
    switch (error.code) {
      case "LOGIN_REQUIRED":
        return c.redirect("/login");
      case "NOT_CONNECTED":
      case "SCOPES_NEEDED":
        return c.redirect(
          `/connect?${new URLSearchParams((error.required ?? []).map((scope): [string, string] => ["scope", scope]))}`,
        );
      default:
        return c.json({ code: error.code, message: error.message, hint: error.hint }, 502);
    }
  });
  return app;
}
