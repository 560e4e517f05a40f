/** @module Authentication → Social: what its pages show and what their forms change. */
import type { Context } from "hono";
import type { Params } from "../authentication/body-params.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { CallManagement, ManagementResult } from "../owner/management-calls.ts";
import { createBody, scriptTemplate, updateBody } from "./connection-form.ts";
import type { OwnerSession } from "./owner-session.ts";
import {
  type ConnectionPage,
  choicePage,
  connectionPage,
  creatable,
  createPage,
} from "./pages/connection-pages.ts";
import { connectionsPage, isSocial, strategyLabel } from "./pages/connections-page.ts";
import type { FormState } from "./pages/form-fields.ts";
import type { OwnerHandler, Views } from "./views.ts";

export type ConnectionActions = Readonly<
  Record<
    | "list"
    | "choose"
    | "showCreate"
    | "create"
    | "show"
    | "update"
    | "switchConnectedAccounts"
    | "switchAuthentication"
    | "switchClient",
    OwnerHandler
  >
>;

/** What a redirect may say on the next page, by its word in the address. */
const doneTexts: Readonly<Record<string, string>> = {
  created: "Created.",
  saved: "Saved.",
  "vault-on": "Connected Accounts for Token Vault is on.",
  "vault-off": "Connected Accounts for Token Vault is off.",
  "login-on": "Users can sign in with it.",
  "login-off": "Users can't sign in with it.",
  "client-on": "The application can use it.",
  "client-off": "The application can't use it any more.",
  reset: "The tenant is as new.",
};

/** Every change goes through the Management API; the store is only read. */
export function connectionActions(views: Views, call: CallManagement): ConnectionActions {
  const { store, settings } = views.tenant;
  const about = (session: OwnerSession, title: string, context: Context) => {
    const word = context.req.method === "GET" ? context.req.query("done") : undefined;
    const done = word !== undefined && Object.hasOwn(doneTexts, word) ? doneTexts[word] : undefined;
    return { title, section: "connections", session, done } as const;
  };
  const find = (context: Context): ConnectionRow | undefined =>
    store.connections.get(context.req.param("id") ?? "");
  const showOne = (
    context: Context,
    session: OwnerSession,
    connection: ConnectionRow,
    after: Pick<ConnectionPage, "state" | "problem"> = {},
  ) => {
    const refused = after.state !== undefined || after.problem !== undefined;
    const page = connectionPage({
      ...{ session, connection, ...after },
      clients: store.clients.all().filter(({ global }) => global !== true),
      callback: `${settings.issuer}login/callback`,
    });
    return views.page(context, about(session, connection.name, context), page, {
      status: refused ? 400 : 200,
    });
  };
  const showNew = (context: Context, session: OwnerSession, strategy: string, state: FormState) =>
    views.page(
      context,
      about(session, `New ${strategyLabel(strategy)} connection`, context),
      createPage(session, strategy, state),
      { status: state.refused === undefined ? 200 : 400 },
    );
  /** A change of one connection; back to its page. */
  const change =
    (
      word: (form: Params) => string,
      work: (
        connection: ConnectionRow,
        form: Params,
        context: Context,
      ) => Promise<ManagementResult>,
      state?: (form: Params, result: ManagementResult) => FormState,
    ): OwnerHandler =>
    async (context, session, form) => {
      const connection = find(context);
      if (connection === undefined) return views.missing(context, session);
      const result = await work(connection, form, context);
      if (result.refused === undefined) {
        return context.redirect(`/dashboard/connections/${connection.id}?done=${word(form)}`, 303);
      }
      const after =
        state === undefined ? { problem: result.refused.message } : { state: state(form, result) };
      return showOne(context, session, connection, after);
    };
  const onOff = (name: string, field: string) => (form: Params) =>
    `${name}-${form[field] === "on" ? "on" : "off"}`;
  const patch = (connection: ConnectionRow, body: Record<string, unknown>) =>
    // A display name that is not sent falls back to the name.
    call("PATCH", `/connections/${connection.id}`, {
      ...(connection.display_name === undefined ? {} : { display_name: connection.display_name }),
      ...body,
    });
  return {
    list: (context, session) =>
      views.page(
        context,
        about(session, "Social connections", context),
        connectionsPage(store.connections.all().filter(isSocial)),
      ),
    choose: (context, session) =>
      views.page(context, about(session, "Create a connection", context), choicePage()),
    showCreate: (context, session) => {
      const strategy = context.req.param("strategy") ?? "";
      if (!Object.hasOwn(creatable, strategy)) return views.missing(context, session);
      return showNew(context, session, strategy, { values: startValues(strategy) });
    },
    create: async (context, session, form) => {
      const strategy = context.req.param("strategy") ?? "";
      if (!Object.hasOwn(creatable, strategy)) return views.missing(context, session);
      const result = await call("POST", "/connections", createBody(strategy, form));
      if (result.refused !== undefined) {
        return showNew(context, session, strategy, { values: form, refused: result.refused });
      }
      const id = encodeURIComponent(String(result.body["id"]));
      return context.redirect(`/dashboard/connections/${id}?done=created`, 303);
    },
    show: (context, session) => {
      const connection = find(context);
      if (connection === undefined) return views.missing(context, session);
      return showOne(context, session, connection);
    },
    update: change(
      () => "saved",
      (connection, form) =>
        call("PATCH", `/connections/${connection.id}`, updateBody(connection, form)),
      (form, { refused }) => ({ values: form, refused }),
    ),
    switchConnectedAccounts: change(onOff("vault", "active"), (connection, form) =>
      patch(connection, {
        connected_accounts: { ...connection.connected_accounts, active: form["active"] === "on" },
      }),
    ),
    switchAuthentication: change(onOff("login", "active"), (connection, form) =>
      patch(connection, { authentication: { active: form["active"] === "on" } }),
    ),
    switchClient: change(onOff("client", "status"), (connection, form, context) =>
      call("PATCH", `/connections/${connection.id}/clients`, [
        { client_id: context.req.param("clientId"), status: form["status"] === "on" },
      ]),
    ),
  };
}

function startValues(strategy: string): Params {
  const values = { connected_accounts: "on" };
  if (strategy !== "oauth2") return { ...values, name: strategy };
  return { ...values, "options.scripts.fetchUserProfile": scriptTemplate };
}
