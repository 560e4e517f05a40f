/** @module A web app with many users on Hono: sign in, connect an account, fetch with it. */
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { ClientSecretPost, memoryStore, TokenVault, VaultError } from "../runtime/index.ts";
import { type ExampleSettings, type Session, Sessions, signIn } from "./sign-in.ts";

/** Makes the app; serve it with `@hono/node-server`, or wherever Hono runs. */
export async function honoServer(settings: ExampleSettings): Promise<Hono> {
  const { domain, clientId, clientSecret, connection, apiUrl, baseUrl } = settings;
  const auth0 = await signIn(settings);
  const sessions = new Sessions();
  /** Of all users, whom it keeps apart. With several servers: `redisStore`. */
  const cache = memoryStore();

  /** One vault for each request: the token is the one of this browser's user. */
  const vaultOf = (session: Session) =>
    new TokenVault({
      domain,
      clientId,
      clientAuth: ClientSecretPost(clientSecret),
      subjectToken: { type: "refresh_token", value: () => session.refreshToken ?? "" },
      allowedDomains: [new URL(apiUrl).host],
      cache,
    });

  const remember = (c: Context, id: string) =>
    setCookie(c, "session", id, {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
      secure: baseUrl.startsWith("https:"),
    });
  const opened = (c: Context) => {
    const found = sessions.open(getCookie(c, "session"));
    remember(c, found.id);
    return found;
  };
  /** The address as the browser knows it: a proxy may stand between. */
  const addressOf = ({ req }: Context) => new URL(req.path + new URL(req.url).search, baseUrl);

  const app = new Hono();

  app.get("/login", async (c) => c.redirect(await auth0.begin(opened(c).session)));

  app.get("/callback", async (c) => {
    const { id, session } = opened(c);
    await auth0.finish(session, addressOf(c));
    remember(c, sessions.renew(id));
    return c.redirect("/tickets");
  });

  app.get("/connect", async (c) => {
    const { session } = opened(c);
    const start = await vaultOf(session).connect(connection, {
      redirectUri: `${baseUrl}/connected`,
      scopes: c.req.queries("scope") ?? [],
    });
    session.connecting = start.session;
    return c.redirect(start.url);
  });

  app.get("/connected", async (c) => {
    const { session } = opened(c);
    await vaultOf(session).complete(addressOf(c), session.connecting ?? "");
    delete session.connecting;
    return c.redirect("/tickets");
  });

  app.get("/tickets", async (c) => {
    const vault = vaultOf(opened(c).session);
    const response = await vault.fetch(connection, `${apiUrl}/tickets`);
    return c.json((await response.json()) as object);
  });

  app.onError((error, c) => {
    if (!(error instanceof VaultError)) throw error;
    const { code, message, hint, required = [] } = error;
    switch (code) {
      case "LOGIN_REQUIRED":
        return c.redirect("/login");
      case "NOT_CONNECTED":
      case "SCOPES_NEEDED":
        return c.redirect(
          `/connect?${required.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&")}`,
        );
      default:
        return c.json({ code, message, hint }, 502);
    }
  });
  return app;
}
