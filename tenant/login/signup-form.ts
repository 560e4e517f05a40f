/** @module Signing up with email and password. */
import type { Context } from "hono";
import { z } from "zod";
import type { Params } from "../authentication/body-params.ts";
import { startSession } from "../authentication/browser.ts";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { LoginTransaction } from "../models/transaction.ts";
import type { UserRow } from "../models/user.ts";
import { finishLogin } from "./finish-login.ts";
import { formOptions, pageOf } from "./login-form.ts";
import { findLogin, LoginEndedError, postedLogin } from "./login-transaction.ts";
import { createDatabaseUser, SignUpRefusedError } from "./new-user.ts";
import { answerPage } from "./pages/layout.ts";
import { signupPage } from "./pages/signup-page.ts";
import { brokenPasswordRules } from "./password-rules.ts";

export function showSignup(tenant: TenantContext, context: Context): Promise<Response> {
  const login = findLogin(tenant, context, context.req.query("state") ?? "");
  openDatabase(tenant, login);
  return answerPage(context, signupPage(pageOf(tenant, login)), formOptions(login));
}

/** A new user is signed in at once. */
export async function signupForm(
  tenant: TenantContext,
  context: Context,
  form: Params,
): Promise<Response> {
  const login = postedLogin(tenant, context, form);
  const database = openDatabase(tenant, login);
  const { email = "", password = "" } = form;
  const again = (problem: { problem: string } | { passwordProblems: string[] }) => {
    tenant.log({
      type: "fs",
      description: "problem" in problem ? problem.problem : "Password is too weak",
      client_id: login.request.clientId,
      connection: database.name,
      ...requestOrigin(context),
    });
    const page = signupPage({ ...pageOf(tenant, login), email, ...problem });
    return answerPage(context, page, { ...formOptions(login), status: 400 });
  };
  if (!z.email().safeParse(email.trim()).success) return again({ problem: "Email is not valid." });
  const weak = brokenPasswordRules(password, database);
  if (weak.length > 0) return again({ passwordProblems: weak });
  let user: UserRow;
  try {
    user = await createDatabaseUser(tenant, database, { email, password });
  } catch (error) {
    if (error instanceof SignUpRefusedError)
      return again({ problem: "Something went wrong, please try again later" });
    throw error;
  }
  tenant.log({
    type: "ss",
    description: "Successful signup",
    client_id: login.request.clientId,
    user_id: user.user_id,
    connection: database.name,
    ...requestOrigin(context),
  });
  const session = startSession(tenant, context, {
    userId: user.user_id,
    connection: database.name,
  });
  return finishLogin(tenant, context, { request: login.request, session, login });
}

function openDatabase(tenant: TenantContext, login: LoginTransaction): ConnectionRow {
  const { database } = pageOf(tenant, login).connections;
  if (database === undefined || database.options.disable_signup === true) {
    throw new LoginEndedError("Sign-up is not open for this application.");
  }
  return database;
}
