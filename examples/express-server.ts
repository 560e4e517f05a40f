/** @module A web app with many users on Express 5: sign in, connect an account, fetch with it. */
import express, { type ErrorRequestHandler, type Express, type Request } from "express";
import { ClientSecretPost, memoryStore, TokenVault, VaultError } from "../runtime/index.ts";
import { type ExampleSettings, type Session, Sessions, signIn } from "./sign-in.ts";

/** Makes the app; `app.listen(port)` serves it. */
export async function expressServer(settings: ExampleSettings): Promise<Express> {
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

  const remember = ({ res }: Request, id: string) =>
    res?.cookie("session", id, {
      httpOnly: true,
      sameSite: "lax",
      path: "/",
      secure: baseUrl.startsWith("https:"),
    });
  const opened = (request: Request) => {
    const [, id] = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? "") ?? [];
    const found = sessions.open(id);
    remember(request, found.id);
    return found;
  };
  /** The address as the browser knows it: a proxy may stand between. */
  const addressOf = ({ url }: Request) => new URL(baseUrl + url);

  const app = express();

  app.get("/login", async (request, response) => {
    response.redirect(await auth0.begin(opened(request).session));
  });

  app.get("/callback", async (request, response) => {
    const { id, session } = opened(request);
    await auth0.finish(session, addressOf(request));
    remember(request, sessions.renew(id));
    response.redirect("/tickets");
  });

  app.get("/connect", async (request, response) => {
    const { session } = opened(request);
    const start = await vaultOf(session).connect(connection, {
      redirectUri: `${baseUrl}/connected`,
      scopes: addressOf(request).searchParams.getAll("scope"),
    });
    session.connecting = start.session;
    response.redirect(start.url);
  });

  app.get("/connected", async (request, response) => {
    const { session } = opened(request);
    await vaultOf(session).complete(addressOf(request), session.connecting ?? "");
    delete session.connecting;
    response.redirect("/tickets");
  });

  app.get("/tickets", async (request, response) => {
    const vault = vaultOf(opened(request).session);
    const tickets = await vault.fetch(connection, `${apiUrl}/tickets`);
    response.json(await tickets.json());
  });

  // Express 5 brings here what a handler's promise throws.
  const explain: ErrorRequestHandler = (error, _request, response, next) => {
    if (!(error instanceof VaultError)) return next(error);
    const { code, message, hint, required = [] } = error;
    switch (code) {
      case "LOGIN_REQUIRED":
        return response.redirect("/login");
      case "NOT_CONNECTED":
      case "SCOPES_NEEDED":
        return response.redirect(
          `/connect?${required.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&")}`,
        );
      default:
        return response.status(502).json({ code, message, hint });
    }
  };
  app.use(explain);
  return app;
}
