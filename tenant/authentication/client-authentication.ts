/** @module Who calls: client authentication at the token and revocation endpoints. */
import { hash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { Params } from "./body-params.ts";
import { assertionClientId, checkAssertion } from "./client-assertion.ts";
import { missing, OAuthRefusal } from "./oauth-refusal.ts";

interface Credentials {
  readonly clientId: string;
  readonly secret: string | undefined;
  readonly basic: boolean;
}

/**
 * Takes client_secret_post and client_secret_basic alike, whichever of them the client has set; a client
 * with private_key_jwt has to send an assertion. For `none` no secret is needed, and one that is sent
 * is not looked at (inferred).
 *
 * @throws {OAuthRefusal} 401 invalid_client.
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export async function authenticateClient(
  tenant: TenantContext,
  context: Context,
  params: Params,
): Promise<ClientRow> {
  const credentials = readCredentials(context, params);
  const client = tenant.store.clients.get(credentials.clientId);
  if (client === undefined) throw refusal(credentials, "there is no client with this client_id");
  if (isPublic(client)) return client;
  if (params["client_assertion"] !== undefined) {
    await checkAssertion(tenant, client, params);
    return client;
  }
  if (client.client_authentication_methods?.private_key_jwt !== undefined) {
    throw refusal(
      credentials,
      "the client authenticates with private_key_jwt, and sent no assertion",
    );
  }
  if (credentials.secret === undefined) throw refusal(credentials, "no client_secret was sent");
  if (!sameText(credentials.secret, client.client_secret)) {
    throw refusal(credentials, "the client_secret is not the client's");
  }
  return client;
}

/** Has no secret to prove itself with. */
export function isPublic(client: ClientRow): boolean {
  return client.token_endpoint_auth_method === "none";
}

function readCredentials(context: Context, params: Params): Credentials {
  const header = context.req.header("authorization");
  const match = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? "");
  if (match === null) {
    const clientId = params["client_id"] ?? assertionClientId(params);
    if (clientId === undefined) throw missing("client_id");
    return { clientId, secret: params["client_secret"], basic: false };
  }
  const [id = "", ...rest] = Buffer.from(match[1] ?? "", "base64")
    .toString("utf8")
    .split(":");
  const credentials = {
    clientId: formDecoded(id),
    secret: formDecoded(rest.join(":")),
    basic: true,
  };
  if (params["client_secret"] !== undefined) {
    const text = "Only one client authentication method may be used";
    throw new OAuthRefusal(400, "invalid_request", text);
  }
  if (params["client_id"] !== undefined && params["client_id"] !== credentials.clientId) {
    throw refusal(credentials, "client_id differs between the Authorization header and the body");
  }
  return credentials;
}

/** RFC 6749 2.3.1: both halves are form-encoded; clients that forget it send nothing that decodes wrongly. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

function refusal(credentials: Credentials, detail: string): OAuthRefusal {
  return new OAuthRefusal(401, "invalid_client", "Client authentication failed", {
    detail,
    ...(credentials.basic ? { challenge: 'Basic realm="Auth0"' } : {}),
  });
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => hash("sha256", text, "buffer");
  return timingSafeEqual(digest(a), digest(b));
}
