/** @module Refusals of the Management API, in its error dialect. */

/** What goes over the wire. */
export interface ManagementErrorBody {
  statusCode: number;
  error: string;
  message: string;
  errorCode?: string;
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Payload Too Large",
  429: "Too Many Requests",
  501: "Not Implemented",
};

/** A refusal: thrown by an endpoint, answered by the app. */
export class ManagementError extends Error {
  override readonly name = "ManagementError";
  readonly statusCode: number;
  readonly errorCode: string | undefined;

  constructor(statusCode: number, message: string, errorCode?: string) {
    super(message);
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }

  body(): ManagementErrorBody {
    return {
      statusCode: this.statusCode,
      error: reasons[this.statusCode] ?? "Error",
      message: this.message,
      ...(this.errorCode === undefined ? {} : { errorCode: this.errorCode }),
    };
  }
}

/** 400 invalid_body. */
export function invalidBody(message: string): ManagementError {
  return new ManagementError(400, message, "invalid_body");
}

/** 400 invalid_body in the form of a schema refusal, for rules that no schema can state. */
export function invalidPayload(reason: string, property?: string): ManagementError {
  const where = property === undefined ? "" : ` on property ${property}`;
  return invalidBody(`Payload validation error: '${reason}'${where}.`);
}

/** 404 with `inexistent_…`, as each kind of thing has it. */
export const inexistent = {
  client: () => new ManagementError(404, "The client does not exist", "inexistent_client"),
  clientGrant: () =>
    new ManagementError(404, "The client grant does not exist", "inexistent_client_grant"),
  connection: () =>
    new ManagementError(404, "The connection does not exist", "inexistent_connection"),
  credential: () =>
    new ManagementError(404, "The credential does not exist", "inexistent_credential"),
  log: () => new ManagementError(404, "The log event does not exist", "inexistent_event"),
  refreshToken: () =>
    new ManagementError(404, "The refresh token does not exist", "inexistent_refresh_token"),
  resourceServer: () =>
    new ManagementError(404, "The resource server does not exist", "inexistent_resource_server"),
  session: () => new ManagementError(404, "The session does not exist", "inexistent_session"),
  signingKey: () => new ManagementError(404, "The signing key does not exist", "inexistent_key"),
  user: () => new ManagementError(404, "The user does not exist.", "inexistent_user"),
} as const;
