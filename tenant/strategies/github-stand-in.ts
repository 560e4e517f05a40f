/** @module A stand-in for GitHub on this machine: OAuth with expiring tokens, and a few of its API's answers. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { authorizePage, standInUsers } from "./github-stand-in-page.ts";

/** A stand-in that answers. */
export interface GithubStandIn {
  /** `http://127.0.0.1:PORT`; the paths are those of a GitHub Enterprise Server. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Seconds, as GitHub has them for user tokens that expire. */
const tokenSeconds = 28_800;
const refreshSeconds = 15_897_600;
const codeSeconds = 600;

/** What a code or a token says; it is readable, as nothing here is worth hiding. */
interface Grant {
  readonly kind: "code" | "access" | "refresh";
  readonly login: string;
  readonly scope: string;
  readonly client: string;
  readonly redirectUri?: string;
  /** Epoch seconds. */
  readonly ends: number;
}

/**
 * Any client with any secret is one of its; a wrong secret is `wrong`. Codes and refresh tokens are good once.
 * Tokens stay good over a restart, for they hold what they are about.
 *
 * @param options `now`: the clock in epoch seconds; `port`: 0 is any free one, and a taken one too.
 */
export async function startGithubStandIn(options: {
  port: number;
  now: () => number;
}): Promise<GithubStandIn> {
  const used = new Set<string>();
  const server = createServer((request, response) => {
    answer(request, response, { now: options.now, used }).catch((error: unknown) => {
      process.stderr.write(`GitHub stand-in: ${String(error)}\n`);
      response.destroy();
    });
  });
  const listen = (port: number) =>
    new Promise<void>((listening, refused) => {
      server.once("error", refused);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", refused);
        listening();
      });
    });
  await listen(options.port).catch(() => listen(0));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

interface StandIn {
  readonly now: () => number;
  /** Codes and refresh tokens that were taken. */
  readonly used: Set<string>;
}

async function answer(request: IncomingMessage, response: ServerResponse, standIn: StandIn) {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const route = `${request.method} ${url.pathname}`;
  if (route === "GET /login/oauth/authorize") html(response, authorizePage(url.searchParams));
  else if (route === "POST /login/oauth/authorize") {
    authorized(response, new URLSearchParams(await text(request)), standIn);
  } else if (route === "POST /login/oauth/access_token") {
    const params = new URLSearchParams(await text(request));
    tokenAnswer(request, response, granted(params, standIn));
  } else if (url.pathname.startsWith("/api/v3/"))
    json(response, api(request, url.pathname, standIn));
  else json(response, { status: 404, body: { message: "Not Found" } });
}

function authorized(response: ServerResponse, form: URLSearchParams, { now }: StandIn): void {
  const back = new URL(form.get("redirect_uri") ?? "http://127.0.0.1/");
  back.searchParams.set("state", form.get("state") ?? "");
  const user = standInUsers.find(({ login }) => login === form.get("login"));
  if (user === undefined) {
    back.searchParams.set("error", "access_denied");
    back.searchParams.set("error_description", "The user has denied your application access.");
  } else {
    const code = write("", {
      kind: "code",
      login: user.login,
      scope: form.get("scope") ?? "",
      client: form.get("client_id") ?? "",
      redirectUri: form.get("redirect_uri") ?? "",
      ends: now() + codeSeconds,
    });
    back.searchParams.set("code", code);
  }
  response.writeHead(302, { location: back.href, "cache-control": "no-store" }).end();
}

/** GitHub's words for each refusal, which it answers with status 200. */
const refusals = {
  incorrect_client_credentials: "The client_id and/or client_secret passed are incorrect.",
  bad_verification_code: "The code passed is incorrect or expired.",
  bad_refresh_token: "The refresh token passed is incorrect or expired.",
  redirect_uri_mismatch:
    "The redirect_uri MUST match the registered callback URL for this application.",
  unsupported_grant_type: "The grant type is not supported.",
} as const;

type Refusal = keyof typeof refusals;

function granted(params: URLSearchParams, { now, used }: StandIn): Record<string, string> {
  const secret = params.get("client_secret");
  if (secret === null || secret === "wrong") return refused("incorrect_client_credentials");
  const type = params.get("grant_type") ?? "authorization_code";
  const kind = type === "refresh_token" ? "refresh" : "code";
  if (type !== "refresh_token" && type !== "authorization_code")
    return refused("unsupported_grant_type");
  const given = params.get(kind === "code" ? "code" : "refresh_token") ?? "";
  const grant = read(given);
  const good =
    grant?.kind === kind && grant.client === params.get("client_id") && grant.ends > now();
  if (!good || used.has(given))
    return refused(kind === "code" ? "bad_verification_code" : "bad_refresh_token");
  const redirectUri = params.get("redirect_uri");
  if (kind === "code" && redirectUri !== null && redirectUri !== grant.redirectUri) {
    return refused("redirect_uri_mismatch");
  }
  used.add(given);
  const { login, scope, client } = grant;
  return {
    access_token: write("ghu_", {
      kind: "access",
      login,
      scope,
      client,
      ends: now() + tokenSeconds,
    }),
    expires_in: String(tokenSeconds),
    refresh_token: write("ghr_", {
      kind: "refresh",
      login,
      scope,
      client,
      ends: now() + refreshSeconds,
    }),
    refresh_token_expires_in: String(refreshSeconds),
    scope: scope
      .split(/[\s,]+/)
      .filter(Boolean)
      .join(","),
    token_type: "bearer",
  };
}

function refused(error: Refusal): Record<string, string> {
  return { error, error_description: refusals[error] };
}

/** A form, unless JSON is asked for. */
function tokenAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Record<string, string>,
): void {
  if (request.headers.accept?.includes("application/json") === true) {
    json(response, { status: 200, body });
    return;
  }
  response.writeHead(200, { "content-type": "application/x-www-form-urlencoded; charset=utf-8" });
  response.end(new URLSearchParams(body).toString());
}

interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function api(request: IncomingMessage, path: string, { now }: StandIn): ApiAnswer {
  const [, token = ""] =
    /^(?:Bearer|token) (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const grant = read(token);
  const user = standInUsers.find(({ login }) => login === grant?.login);
  if (grant?.kind !== "access" || grant.ends <= now() || user === undefined) {
    return { status: 401, body: { message: "Bad credentials", status: "401" } };
  }
  const scopes = new Set(grant.scope.split(/[\s,]+/).filter(Boolean));
  const body = request.method === "GET" ? resource(path, user, scopes) : undefined;
  const headers = { "x-oauth-scopes": [...scopes].join(", ") };
  if (body !== undefined) return { status: 200, body, headers };
  return { status: 404, body: { message: "Not Found", status: "404" }, headers };
}

function resource(
  path: string,
  { id, login, name, email }: (typeof standInUsers)[number],
  scopes: ReadonlySet<string>,
): unknown {
  if (path === "/api/v3/user") return { id, login, name, email: null, type: "User" };
  if (path === "/api/v3/user/emails" && scopes.has("user:email")) {
    return [{ email, primary: true, verified: true, visibility: null }];
  }
  if (path !== "/api/v3/user/repos") return undefined;
  const names = scopes.has("repo") ? ["hello-world", "secret-plans"] : ["hello-world"];
  return names.map((repository, at) => ({
    ...{ id: at + 1, name: repository, full_name: `${login}/${repository}` },
    ...{ private: repository === "secret-plans", owner: { login, id } },
  }));
}

function write(prefix: string, grant: Grant): string {
  const body = { ...grant, at: randomBytes(6).toString("base64url") };
  return prefix + Buffer.from(JSON.stringify(body)).toString("base64url");
}

function read(written: string): Grant | undefined {
  try {
    const body = written.replace(/^gh[ur]_/, "");
    return JSON.parse(Buffer.from(body, "base64url").toString()) as Grant;
  } catch {
    return undefined;
  }
}

function json(response: ServerResponse, { status, body, headers = {} }: ApiAnswer): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  });
  response.end(body);
}
