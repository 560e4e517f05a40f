/** @module What the tenant's process does with its arguments; `main.mjs` starts it. */
import { parseArgs } from "node:util";
import { freeTenantLimit, type RateLimit } from "./management/rate-limit.ts";
import { TenantError } from "./tenant-error.ts";

const usage =
  "usage: node tenant/main.mjs --dir DIR --port PORT [--host ADDRESS] [--management-limit free] [--controls] [--github-stand-in | --github-origin ORIGIN]";

interface Arguments {
  dir: string;
  port: number;
  host?: string;
  managementLimit?: RateLimit;
  controls: boolean;
  githubStandIn: boolean;
  githubOrigin?: string;
}

/** Undefined when they make no sense. */
function readArguments(): Arguments | undefined {
  try {
    const text = { type: "string" } as const;
    const on = { type: "boolean", default: false } as const;
    const options = {
      dir: text,
      port: text,
      host: text,
      "management-limit": text,
      controls: on,
      "github-stand-in": on,
      "github-origin": text,
    };
    const { dir, port, host, controls, ...rest } = parseArgs({ options }).values;
    const { "management-limit": limit, "github-origin": githubOrigin } = rest;
    const number = /^\d{1,5}$/.test(port ?? "") ? Number(port) : 65_536;
    if (dir === undefined || number > 65_535) return undefined;
    if (limit !== undefined && limit !== "free") return undefined;
    return {
      ...{ dir, port: number, controls, githubStandIn: rest["github-stand-in"] },
      ...(githubOrigin === undefined ? {} : { githubOrigin }),
      ...(host === undefined ? {} : { host }),
      ...(limit === undefined ? {} : { managementLimit: freeTenantLimit }),
    };
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const given = readArguments();
  if (!given) {
    console.error(usage);
    process.exit(2);
  }
  // Not before: a wrong argument wants none of it.
  const { startTenant } = await import("./start-tenant.ts");
  const written = await exchanges(given.host);
  const tenant = await startTenant(given);
  let closing = false;
  const stop = () => {
    if (closing) return;
    closing = true;
    tenant
      .close()
      .then(written)
      .then(
        () => process.exit(0),
        (error) => fail(error),
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // Said last: whoever reads it may end us at once.
  console.log(`tenant listening on ${tenant.url}`);
}

/** Nothing, unless a test asks for it. @throws {TenantError} `OFF_LOOPBACK` */
async function exchanges(host: string | undefined): Promise<() => Promise<void>> {
  const folder = process.env["TVK_TENANT_EXCHANGES"];
  if (folder === undefined || folder === "") return async () => undefined;
  const { requireLoopback } = await import("./start-tenant.ts");
  requireLoopback(host, "written exchanges");
  const { writeExchanges } = await import("./exchange-files.ts");
  console.error(`Every request and answer is written to ${folder}, with its tokens and secrets.`);
  return writeExchanges(folder);
}

function fail(error: unknown): never {
  if (error instanceof TenantError) console.error(`${error.message}\n${error.hint}`);
  else console.error(error);
  process.exit(1);
}

main().catch(fail);
