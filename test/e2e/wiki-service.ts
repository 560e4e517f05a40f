/** A service of somebody's own: an OAuth2 server with an issuer that has a path, and a small API behind it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** Where it answers, and what it takes. */
export interface WikiService {
  readonly issuer: string;
  /** Needs a token with `read:pages`. */
  readonly pagesUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Paths that were asked, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const clientId = "auth0-at-the-wiki";
const clientSecret = "wiki-pl4nted-secret";
const prefix = "/oauth2";

/**
 * Starts it on a free port of loopback. Its metadata is where RFC 8414 puts it and not where OpenID
 * Connect does; whoever signs in is known by what they type.
 *
 * @param redirectUri The tenant's `/login/callback`.
 */
export async function startWiki(redirectUri: string): Promise<WikiService> {
  const asked: string[] = [];
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(`${origin}${prefix}`, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "profile", "read:pages"],
    claims: { openid: ["sub"], profile: ["name", "email"] },
    conformIdTokenClaims: true,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    cookies: { keys: ["wiki"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id.split("@")[0], email: id }),
    }),
  });
  const callback = provider.callback();
  server.on("request", (request, response) => {
    asked.push(request.url ?? "");
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "/" } = request;
    if (url === `/.well-known/oauth-authorization-server${prefix}`) {
      const found = await fetch(`${origin}${prefix}/.well-known/openid-configuration?hidden`);
      response.setHeader("content-type", "application/json");
      response.end(await found.text());
    } else if (url === `${prefix}/.well-known/openid-configuration`) {
      response.statusCode = 404;
      response.end();
    } else if (url.startsWith("/sign-in/")) {
      await interact(provider, request, response);
    } else if (url === "/pages") {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
      const found = await provider.AccessToken.find(token);
      response.statusCode = found?.scope?.split(" ").includes("read:pages") ? 200 : 401;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ reader: found?.accountId ?? null, pages: ["Onboarding"] }));
    } else {
      // Mounted below a path, as its documentation says: the rest is what it looks at.
      Object.assign(request, { originalUrl: url, url: url.slice(prefix.length) });
      await callback(request, response);
    }
  }

  return {
    issuer: `${origin}${prefix}`,
    pagesUrl: `${origin}/pages`,
    ...{ clientId, clientSecret, asked },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** A page that asks who it is, then one that asks for consent. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    const fields =
      prompt.name === "login"
        ? '<input name="email" type="email"><input name="password" type="password"><button>Sign in</button>'
        : "<button>Allow</button>";
    response.setHeader("content-type", "text/html");
    response.end(`<h1>Wiki</h1><form method="post">${fields}</form>`);
    return;
  }
  let body = "";
  for await (const piece of request) body += piece;
  const email = new URLSearchParams(body).get("email");
  if (prompt.name === "login") {
    const login = { accountId: email ?? "" };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? "",
    clientId: String(params["client_id"]),
  });
  grant.addOIDCScope(String(params["scope"]));
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(
    request,
    response,
    { consent },
    { mergeWithLastSubmission: true },
  );
}
