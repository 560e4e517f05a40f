/** @module The tenant as a process: `node tenant/main.ts --dir DIR --port PORT`. */
import { parseArgs } from "node:util";
import { startTenant } from "./start-tenant.ts";
import { TenantError } from "./tenant-error.ts";

const usage = "usage: node tenant/main.ts --dir DIR --port PORT [--host ADDRESS]";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (values.dir === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(usage);
    process.exit(2);
  }
  const tenant = await startTenant({
    dir: values.dir,
    port,
    ...(values.host === undefined ? {} : { host: values.host }),
  });
  console.log(`tenant listening on ${tenant.url}`);
  let closing = false;
  const stop = () => {
    if (closing) return;
    closing = true;
    tenant.close().then(
      () => process.exit(0),
      (error) => fail(error),
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(error: unknown): never {
  if (error instanceof TenantError) console.error(`${error.message}\n${error.hint}`);
  else console.error(error);
  process.exit(1);
}

main().catch(fail);
