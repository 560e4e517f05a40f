/** @module `tvk tenant …`: the tenant on this machine. */
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CommandDef } from "citty";
import { command } from "../command.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { printResult } from "../output.ts";
import {
  localTenantStatus,
  resetLocalTenant,
  startLocalTenant,
  stopLocalTenant,
  tenantDir,
} from "../tenant/local-tenant.ts";
import { eventLine, tenantEvents } from "../tenant/tenant-events.ts";
import { keepTenantOptions, type TenantOptions } from "../tenant/tenant-options.ts";
import { clock, fault, limit } from "./tenant-controls.ts";
import { open } from "./tenant-open.ts";
import { exportSeed, importSeed } from "./tenant-seed.ts";
import { trust, untrust } from "./tenant-trust.ts";

const start = command({
  description: "Start the local tenant, unless it runs",
  args: {
    "tenant-port": {
      type: "string",
      valueHint: "number",
      description: "Port of a first start (4443)",
    },
    controls: {
      type: "string",
      valueHint: "on|off",
      description: "Faults, a clock that moves and rate limits, from this start on (off)",
    },
    "github-stand-in": {
      type: "string",
      valueHint: "on|off",
      description:
        "github connections lead to a stand-in of the tenant's own, from this start on (off)",
    },
  },
  async run({ args }) {
    keepTenantOptions(tenantDir(process.cwd()), {
      ...onOff("controls", args.controls),
      ...onOff("githubStandIn", args["github-stand-in"]),
    });
    const started = await startLocalTenant(process.cwd(), portOf(args["tenant-port"]));
    const { url, domain, caFile } = started;
    const status = started.outcome === "adopted" ? "running" : "started";
    printResult({ status, url, domain, caFile }, () => `${status}: ${url}`);
    return undefined;
  },
});

const stop = command({
  description: "Stop the local tenant; its data stays",
  args: {},
  async run() {
    const status = (await stopLocalTenant(process.cwd())) ? "stopped" : "not_running";
    printResult({ status }, () => (status === "stopped" ? "stopped" : "it was not running"));
    return undefined;
  },
});

const status = command({
  description: "Say whether the local tenant runs",
  args: {},
  async run() {
    const found = await localTenantStatus(process.cwd());
    const running = found?.alive === true;
    const about = running ? { pid: found.pid, url: new URL(found.url).origin } : {};
    printResult(
      { status: running ? "running" : "stopped", dir: tenantDir(process.cwd()), ...about },
      () => (running ? `running: ${new URL(found.url).origin}, pid ${found.pid}` : "stopped"),
    );
    return undefined;
  },
});

const logs = command({
  description: "Print the local tenant's log: sign-ins, exchanges, and why one was refused",
  args: {
    process: { type: "boolean", description: "What the tenant's process printed, instead" },
  },
  async run({ args }) {
    const file = join(process.cwd(), ".tvk", "services", "tenant.log");
    if (!existsSync(file)) {
      throw new CliError("no_log", "the local tenant has no log yet", {
        exitCode: exitCodes.general,
        hint: "Run: tvk tenant start",
      });
    }
    if (args.process === true) {
      await pipeline(createReadStream(file), process.stdout, { end: false });
      return undefined;
    }
    // The log is in the tenant's database: it is asked, and so has to run.
    const tenant = await startLocalTenant(process.cwd());
    const events = await tenantEvents(tenant, tenant.caFile);
    printResult(events, () => events.map(eventLine).join("\n"));
    return undefined;
  },
});

const reset = command({
  description: "Stop the local tenant and remove its data: users, accounts, keys",
  args: {},
  async run({ globals }) {
    if (!globals.confirm) {
      throw inputError(
        "confirmation_required",
        "reset removes every user, account and key of the local tenant",
        "Say --yes to go on.",
      );
    }
    await resetLocalTenant(process.cwd());
    printResult({ status: "reset" }, () => "reset: the next start makes a new tenant");
    return undefined;
  },
});

export const tenant: CommandDef = {
  meta: {
    description: "The local tenant: start, stop, status, logs, reset, its dashboard and controls",
  },
  subCommands: {
    start: start as CommandDef,
    stop: stop as CommandDef,
    status: status as CommandDef,
    logs: logs as CommandDef,
    reset: reset as CommandDef,
    open,
    fault,
    clock,
    limit,
    export: exportSeed,
    import: importSeed,
    trust,
    untrust,
  },
};

function onOff(name: keyof TenantOptions, text: string | undefined): TenantOptions {
  if (text === undefined) return {};
  if (text === "on" || text === "off") return { [name]: text === "on" };
  throw inputError("invalid_input", `Invalid value "${text}"`, "Say on or off.");
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw inputError(
    "invalid_input",
    `Invalid --tenant-port value "${text}"`,
    "Give a number from 1 to 65535.",
  );
}
