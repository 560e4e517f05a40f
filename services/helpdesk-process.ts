/** @module How a stack starts its helpdesk as a process on this machine. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type HelpdeskSecrets, helpdeskSecrets } from "./helpdesk-secrets.ts";
import {
  fromHere,
  type SupervisedSettings,
  servicesDir,
  stackDir,
  supervisorCommand,
} from "./project-paths.ts";
import { supervisor } from "./supervisor.ts";

/** What the `Helpdesk` component takes as `process`, and the secret that the connection is given. */
export interface HelpdeskProcessSettings extends HelpdeskSecrets, SupervisedSettings {
  readonly port: number;
  readonly bindAddress?: string | undefined;
  readonly command: readonly string[];
  readonly database: string;
}

/**
 * Settings of the stack's helpdesk process. Reads the supervisor's record, and makes the stack's
 * three secrets on first use: they stay in `.tvk/`, so that every run gives the same.
 */
export function helpdeskProcess(
  stack: string,
  port: number,
  bindAddress?: string,
): HelpdeskProcessSettings {
  const dir = stackDir(stack);
  const live = supervisor(servicesDir).live(`${stack}-helpdesk`);
  return {
    port,
    bindAddress,
    supervisor: supervisorCommand(),
    command: ["node", fromHere(new URL("../helpdesk/main.ts", import.meta.url))],
    servicesDir,
    database: join(dir, "helpdesk.db"),
    instance: live?.instance ?? randomUUID(),
    ...helpdeskSecrets(dir),
  };
}
