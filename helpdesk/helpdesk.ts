/** @module Starts the Acme Helpdesk: an OAuth2 authorization server and a ticket API on one port. */
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { type Accounts, accounts } from "./accounts.ts";
import { openDatabase } from "./database.ts";
import type { Issuers } from "./issuers.ts";
import { listen } from "./listen.ts";
import { loginAttempts } from "./login-attempts.ts";
import { openapi } from "./openapi.ts";
import { presentAs, presentedOrigin, requestOrigin } from "./origin.ts";
import { type FoundSecrets, findSecrets } from "./secrets.ts";
import { type Seeded, seed } from "./seed.ts";
import { checkSettings, type HelpdeskOptions, type HelpdeskSettings } from "./settings.ts";
import { signIn } from "./sign-in.ts";
import { ticketApi } from "./ticket-api.ts";
import { type Tickets, tickets } from "./tickets.ts";

export interface Helpdesk {
  /** Where it listens, on this machine. */
  readonly url: string;
  /** What was written to an empty database. */
  readonly seeded?: Seeded;
  readonly secrets: FoundSecrets;
  /** Stops listening, ends open connections, closes the database. */
  close(): Promise<void>;
}

export interface HelpdeskHooks {
  /** Told of an error that is ours; default: nothing is written. */
  readonly onServerError?: (error: Error) => void;
}

interface Parts {
  readonly issuers: Issuers;
  readonly accounts: Accounts;
  readonly tickets: Tickets;
  readonly sessionSecret: string;
  readonly publicUrl: string;
  readonly onServerError: (error: Error) => void;
}

/** Tries at a password in a minute. */
const loginLimit = 10;

/**
 * Starts the helpdesk and resolves when it answers.
 *
 * @param options Only `redirectUris` is required. Secrets that are not given are generated.
 *
 * @throws {HelpdeskSettingsError} Every wrong option at once.
 * @throws {Error} The port is taken, or the database can't be used.
 *
 * @example
 * ```ts
 * const helpdesk = await startHelpdesk({
 *   port: 0,
 *   redirectUris: ["https://localhost:4443/login/callback"],
 * });
 * ```
 */
export async function startHelpdesk(
  options: HelpdeskOptions,
  hooks: HelpdeskHooks = {},
): Promise<Helpdesk> {
  const settings = checkSettings(options);
  const database = openDatabase(settings.database);
  // Begun at once: nothing waits for it, and it may be that nothing else comes of this start.
  const opening = listen(settings.port, settings.host);
  try {
    const secrets = findSecrets(settings);
    // The password is hashed on another thread while oidc-provider, a third of the start, is loaded.
    const [seeded, oauth, server] = await Promise.all([
      seed(database, epochSeconds),
      import("./issuers.ts"),
      opening,
    ]);
    const url = addressOf(server.port, settings);
    const { publicUrl = url, trustedHosts } = settings;
    const { onServerError = () => undefined } = hooks;
    const { sessionSecret } = secrets;
    const people = accounts(database);
    const issuers = oauth.issuers({
      ...settings,
      ...secrets,
      accounts: people,
      database,
      publicUrl,
      onServerError,
    });
    const app = application({
      issuers,
      accounts: people,
      tickets: tickets(database, epochSeconds),
      sessionSecret,
      publicUrl,
      onServerError,
    });
    const listener = getRequestListener(app.fetch);
    server.answer((request, response) => {
      const origin = requestOrigin(request, { publicUrl, trustedHosts });
      presentAs(request, origin);
      if (!issuers.handle(origin, request, response)) void listener(request, response);
    });
    const close = () => server.close().then(() => database.close());
    return { url, ...(seeded && { seeded }), secrets, close };
  } catch (error) {
    await opening.then((server) => server.close()).catch(() => {});
    database.close();
    throw error;
  }
}

function application(parts: Parts): Hono<{ Bindings: HttpBindings }> {
  const { issuers, publicUrl } = parts;
  const startedAt = epochSeconds();
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/health", (context) =>
    context.json({
      status: "ok",
      service: "acme-helpdesk",
      issuer: presentedOrigin(context.env.incoming),
      uptime_seconds: epochSeconds() - startedAt,
    }),
  );
  app.get("/openapi.json", (context) =>
    context.json(openapi(presentedOrigin(context.env.incoming))),
  );
  app.route("/tickets", ticketApi({ ...parts, server: () => issuers.of(publicUrl) }));
  app.route(
    "/interaction",
    signIn({
      ...parts,
      serverOf: (context) => issuers.of(presentedOrigin(context.env.incoming)),
      attempts: loginAttempts(loginLimit, 60_000, Date.now),
    }),
  );
  app.notFound((context) => {
    const message = `there is nothing at ${context.req.path}: see /openapi.json`;
    return context.json({ error: "not_found", message }, 404);
  });
  app.onError((error, context) => {
    parts.onServerError(error);
    return context.json({ error: "server_error", message: "the helpdesk made a mistake" }, 500);
  });
  return app;
}

/** A person types "localhost", whichever loopback or wildcard address the server is bound to. */
function addressOf(port: number, { host }: HelpdeskSettings): string {
  const local = ["localhost", "127.0.0.1", "0.0.0.0", "::", "::1"].includes(host);
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${local ? "localhost" : name}:${port}`;
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
