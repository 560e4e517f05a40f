/** @module Everything that docs/parity.md is made from. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { managementEndpoints } from "../../tenant/management/app.ts";
import { openTestTenant } from "../tenant/open-test-tenant.ts";
import { operations } from "../tenant/operations.ts";
import { statusExceptions } from "../tenant/spec/spec-exceptions.ts";
import { parityPage } from "./page.ts";
import { parityRows } from "./rows.ts";

const repository = join(import.meta.dirname, "../..");

/** Where the page is committed. */
export const parityFile = join(repository, "docs/parity.md");

/** The page as the tests give it now. */
export async function currentParityPage(): Promise<string> {
  const files = globSync("test/tenant/**/*.test.ts", { cwd: repository }).toSorted();
  const rows = files.flatMap((file) => parityRows(file, join(repository, file)));
  const tenant = await openTestTenant();
  const facts = {
    rows,
    operations: operations(tenant.context),
    endpoints: managementEndpoints(tenant.context),
    exceptions: statusExceptions,
  };
  tenant.close();
  return parityPage(facts);
}
