/**
 * @module auth0:index/clientCredentials:ClientCredentials: how a client proves itself at the token endpoint.
 *
 * It is no object of its own but two fields of the client, so a create is a PATCH of the client.
 */

import type { Failure } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { type Fields, number, text, unsupported } from "./field.ts";
import type { Management } from "./management.ts";
import type { CreateContext, ResourceTable, UpdateContext } from "./resource-table.ts";

const fields: Fields = {
  clientId: text({ required: true, replaces: true, min: 1 }),
  authenticationMethod: text({
    wire: "token_endpoint_auth_method",
    computed: true,
    choices: ["none", "client_secret_post", "client_secret_basic"],
  }),
  clientSecret: text({ secret: true, computed: true, min: 1 }),
  // Of another name than on the wire, so that an answer's secret does not become its output.
  clientSecretWo: text({
    wire: "client_secret_wo",
    secret: true,
    forgotten: true,
    absent: null,
    min: 1,
  }),
  clientSecretWoVersion: number({ writeOnly: true, absent: null }),
  privateKeyJwt: unsupported(null),
  selfSignedTlsClientAuth: unsupported(null),
  signedRequestObject: unsupported(null),
  tlsClientAuth: unsupported(null),
};

export const clientCredentialsTable: ResourceTable = {
  type: "auth0:index/clientCredentials:ClientCredentials",
  fields: () => fields,
  path: "/clients",
  idKey: "client_id",
  stables: ["id", "clientId"],
  check,
  updateBody: (_body, { inputs, changes }: UpdateContext) =>
    bodyOf(
      inputs,
      changes.some(({ path }) => path[0] === "clientSecretWoVersion"),
    ),
  create,
  remove,
};

function check({ clientSecret, clientSecretWo, clientSecretWoVersion }: PlainMap): Failure[] {
  if (clientSecretWo === undefined) return [];
  const failures: Failure[] = [];
  if (clientSecret !== undefined) {
    failures.push({ path: ["clientSecretWo"], reason: "cannot be set together with clientSecret" });
  }
  if (clientSecretWoVersion === undefined) {
    failures.push({ path: ["clientSecretWoVersion"], reason: "is required with clientSecretWo" });
  }
  return failures;
}

function bodyOf(
  { authenticationMethod, clientSecret, clientSecretWo }: PlainMap,
  secretToo: boolean,
): PlainMap {
  const secret = clientSecret ?? (secretToo ? clientSecretWo : undefined);
  return {
    ...(authenticationMethod === undefined
      ? {}
      : { token_endpoint_auth_method: authenticationMethod }),
    ...(secret === undefined ? {} : { client_secret: secret }),
  };
}

async function create({ management, inputs }: CreateContext): Promise<PlainMap> {
  const path = `/clients/${encodeURIComponent(String(inputs["clientId"]))}`;
  const body = bodyOf(inputs, true);
  const answer =
    Object.keys(body).length === 0
      ? await management.request("GET", path)
      : await management.request("PATCH", path, body);
  return isPlainMap(answer) ? answer : {};
}

/** Gives the client back the method that a client of its kind starts with. */
async function remove(management: Management, id: string): Promise<void> {
  const path = `/clients/${encodeURIComponent(id)}`;
  const client = await management.request(
    "GET",
    `${path}?fields=client_id,app_type&include_fields=true`,
  );
  const appType = isPlainMap(client) ? client["app_type"] : undefined;
  const method =
    appType === "native" || appType === "spa"
      ? "none"
      : appType === "regular_web" || appType === "non_interactive"
        ? "client_secret_post"
        : "client_secret_basic";
  await management.request("PATCH", path, { token_endpoint_auth_method: method });
}
