/** @module POST /dbconnections/change_password. */
import type { Handler } from "hono";
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { jsonBody } from "./body-params.ts";
import { requestOrigin } from "./request-origin.ts";

const body = z.looseObject({
  client_id: z.string().optional(),
  email: z.email(),
  connection: z.string().min(1),
});

/** The same answer whether or not the user exists. This tenant sends no mail: the log says so. */
export function changePasswordEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    const { data } = body.safeParse(await jsonBody(context));
    if (data === undefined) {
      return context.json(
        { error: "invalid_request", error_description: "email and connection are required" },
        400,
      );
    }
    const [connection] = tenant.store.connections.find("name", data.connection);
    if (connection?.strategy !== "auth0") {
      return context.json(
        { error: "invalid_request", error_description: "the connection was not found" },
        400,
      );
    }
    tenant.log({
      type: "scpr",
      description:
        "Change password request: this local tenant sends no email, set a new password with PATCH /api/v2/users",
      connection: connection.name,
      ...(data.client_id === undefined ? {} : { client_id: data.client_id }),
      ...requestOrigin(context),
    });
    return context.text("We've just sent you an email to reset your password.");
  };
}
