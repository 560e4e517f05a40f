/** @module The resource types of the drift tables: what is declared for a row, and where it is in the API. */
import { clientCredentialsTable } from "../../engine/plugins/auth0/client-credentials.ts";
import { clientGrantFields } from "../../engine/plugins/auth0/client-grant-table.ts";
import { clientFields } from "../../engine/plugins/auth0/client-table.ts";
import { connectionFields } from "../../engine/plugins/auth0/connection-table.ts";
import type { Fields } from "../../engine/plugins/auth0/field.ts";
import { resourceServerFields } from "../../engine/plugins/auth0/resource-server-table.ts";
import type { PropertyMap } from "../../engine/plugins/protocol/value.ts";
import type { TenantBench } from "../engine/plugins/tenant-bench.ts";
import { types } from "../engine/plugins/types.ts";
import { clientBase, clientExceptions, clientRows } from "./client-rows.ts";
import {
  connectionExceptions,
  databaseExceptions,
  databaseRows,
  oauth2Options,
  oauth2Rows,
} from "./connection-rows.ts";
import {
  apiExceptions,
  apiRows,
  credentialsExceptions,
  credentialsRows,
  grantExceptions,
  grantRows,
} from "./other-rows.ts";
import type { Exception, Row } from "./row.ts";

export interface Subject {
  readonly what: string;
  readonly type: string;
  readonly fields: Fields;
  readonly rows: readonly Row[];
  readonly exceptions: readonly Exception[];
  path(id: string): string;
  /** All that the program declares for a row. */
  inputs(row: Row): Promise<PropertyMap> | PropertyMap;
}

let count = 0;

/** @param bench The tenant on which clients and APIs are made that a declaration names. */
export function subjectsOn(bench: () => TenantBench): readonly Subject[] {
  return [
    {
      what: "Client",
      type: types.client,
      fields: clientFields,
      rows: clientRows,
      exceptions: clientExceptions,
      path: (id) => `/clients/${id}`,
      inputs: ({ inputs }) => ({ ...clientBase, ...inputs }),
    },
    {
      what: "Connection (oauth2)",
      type: types.connection,
      fields: connectionFields("oauth2"),
      rows: oauth2Rows,
      exceptions: connectionExceptions,
      path: (id) => `/connections/${id}`,
      inputs: ({ inputs }) => connection("oauth2", oauth2Options, inputs),
    },
    {
      what: "Connection (auth0)",
      type: types.connection,
      fields: connectionFields("auth0"),
      rows: databaseRows,
      exceptions: databaseExceptions,
      path: (id) => `/connections/${id}`,
      inputs: ({ inputs }) => connection("auth0", {}, inputs),
    },
    {
      what: "ResourceServer",
      type: types.resourceServer,
      fields: resourceServerFields,
      rows: apiRows,
      exceptions: apiExceptions,
      path: (id) => `/resource-servers/${id}`,
      inputs: ({ inputs }) => ({ identifier: `https://${crypto.randomUUID()}.test/`, ...inputs }),
    },
    {
      what: "ClientCredentials",
      type: types.clientCredentials,
      fields: clientCredentialsTable.fields({}),
      rows: credentialsRows,
      exceptions: credentialsExceptions,
      path: (id) => `/clients/${id}`,
      inputs: async ({ inputs }) => ({ clientId: await newClient(bench()), ...inputs }),
    },
    {
      what: "ClientGrant",
      type: types.clientGrant,
      fields: clientGrantFields,
      rows: grantRows,
      exceptions: grantExceptions,
      path: (id) => `/client-grants/${id}`,
      inputs: async ({ inputs }) => ({
        clientId: await newClient(bench()),
        audience: await newApi(bench()),
        ...inputs,
      }),
    },
  ];
}

function connection(strategy: string, base: PropertyMap, { options, ...rest }: PropertyMap) {
  count++;
  const own = typeof options === "object" && !Array.isArray(options) ? options : {};
  return { name: `desk-${count}`, strategy, options: { ...base, ...own }, ...rest };
}

/** A client of somebody's; its id. */
export async function newClient(bench: TenantBench): Promise<string> {
  const client = await bench.api("POST", "/clients", { name: "c", app_type: "regular_web" });
  return String(client["client_id"]);
}

async function newApi(bench: TenantBench): Promise<string> {
  const identifier = `https://${crypto.randomUUID()}.test/`;
  await bench.api("POST", "/resource-servers", {
    identifier,
    scopes: [{ value: "read:all" }],
    authorization_details: [{ type: "payment" }],
  });
  return identifier;
}
