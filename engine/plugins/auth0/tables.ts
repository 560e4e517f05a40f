/** @module The resource types that are one object of the Management API each. */

import { clientTable } from "./client.ts";
import { clientCredentialsTable } from "./client-credentials.ts";
import { clientGrantTable } from "./client-grant.ts";
import { connectionTable } from "./connection.ts";
import { resourceServerTable } from "./resource-server.ts";
import type { ResourceTable } from "./resource-table.ts";

export const tables: readonly ResourceTable[] = [
  clientTable,
  clientCredentialsTable,
  clientGrantTable,
  connectionTable,
  resourceServerTable,
];
