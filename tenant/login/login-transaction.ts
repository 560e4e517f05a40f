/** @module The login in progress: kept in the store, tied to the browser that began it. */
import type { Context } from "hono";
import { bindBrowser, browserHash } from "../authentication/browser.ts";
import type { TenantContext } from "../context.ts";
import type { AuthorizeRequest, LoginTransaction } from "../models/transaction.ts";

/** Seconds in which a person has to finish signing in. */
const transactionSeconds = 3_600;

/** There is no such login for this browser; shown on a page. */
export class LoginEndedError extends Error {
  override readonly name = "LoginEndedError";
}

export function newLogin(
  tenant: TenantContext,
  context: Context,
  request: AuthorizeRequest,
): LoginTransaction {
  const login: LoginTransaction = {
    id: tenant.ids.newText(43),
    kind: "login",
    request,
    browserHash: bindBrowser(tenant, context),
    formToken: tenant.ids.newText(32),
    expiresAt: tenant.now() + transactionSeconds,
  };
  saveLogin(tenant, login);
  return login;
}

export function saveLogin(tenant: TenantContext, login: LoginTransaction): void {
  tenant.store.transactions.put(login.id, login, login.expiresAt);
}

/** @throws {LoginEndedError} Unknown, over, or begun in another browser. */
export function findLogin(tenant: TenantContext, context: Context, id: string): LoginTransaction {
  const login = tenant.store.transactions.get(id);
  if (login?.kind !== "login" || login.browserHash !== browserHash(tenant, context)) {
    throw new LoginEndedError(
      "This sign-in has ended or was begun in another browser. Go back to the application and try again.",
    );
  }
  return login;
}

/** The login of a posted form. @throws {LoginEndedError} Also when the form is not one of our pages'. */
export function postedLogin(
  tenant: TenantContext,
  context: Context,
  form: Readonly<Record<string, string>>,
): LoginTransaction {
  const login = findLogin(tenant, context, form["state"] ?? "");
  if (form["form_token"] !== login.formToken) {
    throw new LoginEndedError(
      "This form is out of date. Go back to the application and try again.",
    );
  }
  return login;
}
