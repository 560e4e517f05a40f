/** @module Signing in with email and password, or choosing a provider. */
import type { Context } from "hono";
import type { Params } from "../authentication/body-params.ts";
import { startSession } from "../authentication/browser.ts";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import { primaryUser } from "../linked-identities.ts";
import type { LoginTransaction } from "../models/transaction.ts";
import { checkPassword } from "../passwords.ts";
import { finishLogin } from "./finish-login.ts";
import { type LoginConnections, loginConnections } from "./login-connections.ts";
import { findLogin, LoginEndedError, postedLogin } from "./login-transaction.ts";
import { findDatabaseUser } from "./new-user.ts";
import { answerPage } from "./pages/layout.ts";
import { type LoginPage, loginPage } from "./pages/login-page.ts";
import { sendToProvider } from "./send-to-provider.ts";

/** What a page about a login needs to know. @throws {LoginEndedError} The client was deleted. */
export function pageOf(
  tenant: TenantContext,
  login: LoginTransaction,
): Pick<LoginPage, "login" | "application" | "connections"> {
  const client = tenant.store.clients.get(login.request.clientId);
  if (client === undefined) throw new LoginEndedError("The application was deleted.");
  const connections = loginConnections(tenant, client);
  // An authorize request with `connection` leaves no choice.
  const only = login.request.connection;
  const chosen = only === undefined ? connections : onlyDatabase(tenant, only);
  return { login, application: client.name, connections: chosen };
}

function onlyDatabase(tenant: TenantContext, name: string): LoginConnections {
  const [connection] = tenant.store.connections.find("name", name);
  return { database: connection?.strategy === "auth0" ? connection : undefined, social: [] };
}

export function showLogin(tenant: TenantContext, context: Context): Promise<Response> {
  const login = findLogin(tenant, context, context.req.query("state") ?? "");
  return answerPage(context, loginPage(pageOf(tenant, login)), formOptions(login));
}

/**
 * A wrong password and an unknown email read the same and take the same time. So does a user who was deleted, or got
 * another password, while this one was being checked.
 */
export async function loginForm(
  tenant: TenantContext,
  context: Context,
  form: Params,
): Promise<Response> {
  const login = postedLogin(tenant, context, form);
  const page = pageOf(tenant, login);
  const { database } = page.connections;
  const { username: email = "", password = "" } = form;
  const find = () =>
    database === undefined ? undefined : findDatabaseUser(tenant, database, email);
  const checked = find()?.password_hash;
  const isRight = await checkPassword(password, checked);
  // Read again: checking took a while, and others may have written since.
  const found = find();
  const matches = isRight && found?.password_hash === checked;
  const user = found && (primaryUser(tenant.store, found.user_id) ?? found);
  if (database === undefined || user === undefined || !matches) {
    tenant.log({
      type: user === undefined ? "fu" : "fp",
      description: user === undefined ? "Wrong email" : "Wrong email or password",
      client_id: login.request.clientId,
      ...(user === undefined ? {} : { user_id: user.user_id }),
      ...(database === undefined ? {} : { connection: database.name }),
      ...requestOrigin(context),
    });
    const problem = "Wrong email or password";
    return answerPage(context, loginPage({ ...page, email, problem }), {
      ...formOptions(login),
      status: 400,
    });
  }
  const now = new Date(tenant.now() * 1000).toISOString();
  tenant.store.users.put(user.user_id, {
    ...user,
    last_login: now,
    last_ip: "127.0.0.1",
    logins_count: (user.logins_count ?? 0) + 1,
  });
  const session = startSession(tenant, context, {
    userId: user.user_id,
    connection: database.name,
  });
  return finishLogin(tenant, context, { request: login.request, session, login });
}

/** "Continue with …". */
export async function socialButton(
  tenant: TenantContext,
  context: Context,
  form: Params,
): Promise<Response> {
  const login = postedLogin(tenant, context, form);
  const { connections } = pageOf(tenant, login);
  const connection = connections.social.find(({ name }) => name === form["connection"]);
  if (connection === undefined) {
    throw new LoginEndedError("This way to sign in is not offered for the application.");
  }
  return sendToProvider(tenant, context, login, connection);
}

/** After the form the browser is redirected to the app. */
export function formOptions(login: LoginTransaction): { formActions: string[] } {
  return { formActions: [login.request.redirectUri] };
}
