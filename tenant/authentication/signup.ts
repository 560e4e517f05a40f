/** @module POST /dbconnections/signup. */
import type { Context, Handler } from "hono";
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { createDatabaseUser, SignUpRefusedError } from "../login/new-user.ts";
import { brokenPasswordRules } from "../login/password-rules.ts";
import { jsonBody } from "./body-params.ts";
import { requestOrigin } from "./request-origin.ts";

const text = z.string().min(1);
const metadata = z
  .record(z.string().max(100), z.unknown())
  .refine(
    (value) => Object.keys(value).length <= 10,
    "user_metadata must have at most 10 properties",
  )
  .refine(
    (value) => Object.values(value).every((each) => typeof each !== "string" || each.length <= 500),
    "user_metadata values must have at most 500 characters",
  );
const body = z.looseObject({
  client_id: text.optional(),
  email: z.email(),
  password: text,
  connection: text,
  username: text.optional(),
  given_name: text.optional(),
  family_name: text.optional(),
  name: text.optional(),
  nickname: text.optional(),
  picture: z.url().optional(),
  user_metadata: metadata.optional(),
});

/** The older Auth0 error shape and the newer one at once: readers look for either `code` or `error`. */
interface Failure {
  readonly code: string;
  readonly description: string;
  readonly name: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

export function signupEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    const { data, error } = body.safeParse(await jsonBody(context));
    if (data === undefined) {
      const issue = error.issues[0];
      const field = issue?.path.join(".") ?? "";
      return fail(context, {
        code: "invalid_body",
        description:
          field === "" ? "The body must be a JSON object" : `${field}: ${issue?.message}`,
        name: "BadRequestError",
      });
    }
    const [connection] = tenant.store.connections.find("name", data.connection);
    const client =
      data.client_id === undefined ? undefined : tenant.store.clients.get(data.client_id);
    const enabled = client === undefined || connection?.enabled_clients.includes(client.client_id);
    if (
      connection?.strategy !== "auth0" ||
      !enabled ||
      (data.client_id !== undefined && client === undefined)
    ) {
      return fail(context, {
        code: "invalid_signup",
        description: "the connection was not found, or is not enabled for the client",
        name: "BadRequestError",
      });
    }
    if (connection.options.disable_signup === true) {
      return fail(context, {
        code: "invalid_signup",
        description: "Public signup is disabled",
        name: "NotFoundError",
      });
    }
    const weak = brokenPasswordRules(data.password, connection);
    if (weak.length > 0) {
      const more = {
        policy: weak.map((problem) => `* ${problem}`).join("\n"),
        message: "Password is too weak",
      };
      return fail(context, {
        code: "invalid_password",
        description: "Password is too weak",
        name: "PasswordStrengthError",
        more,
      });
    }
    const { client_id: _client, email, password, connection: _connection, ...more } = data;
    try {
      const user = await createDatabaseUser(tenant, connection, {
        email,
        password,
        more: known(more),
      });
      tenant.log({
        type: "ss",
        description: "Successful signup",
        user_id: user.user_id,
        connection: connection.name,
        ...(client === undefined ? {} : { client_id: client.client_id }),
        ...requestOrigin(context),
      });
      const id = user.user_id.replace("auth0|", "");
      return context.json({ _id: id, email: user.email, email_verified: false, ...known(more) });
    } catch (cause) {
      if (!(cause instanceof SignUpRefusedError)) throw cause;
      return fail(context, {
        code: "invalid_signup",
        description: "Invalid sign up",
        name: "BadRequestError",
      });
    }
  };
}

/** Only what the endpoint documents: nothing else becomes a fact about the user. */
function known(more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = [
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "user_metadata",
  ];
  return Object.fromEntries(
    Object.entries(more).filter(([name, value]) => names.includes(name) && value !== undefined),
  );
}

function fail(context: Context, { code, description, name, more }: Failure): Response {
  const { message = description, ...rest } = more ?? {};
  return context.json(
    {
      error: code,
      error_description: description,
      code,
      description,
      message,
      name,
      statusCode: 400,
      ...rest,
    },
    400,
  );
}
