/** @module How the configuration wants the helpdesk to run: what the program gives to its components. */
import { type HelpdeskContainerSettings, helpdeskContainer } from "./helpdesk-container.ts";
import { type HelpdeskProcessSettings, helpdeskProcess } from "./helpdesk-process.ts";

/** The keys of the configuration that count here (components/helpdesk-settings.ts). */
export interface HelpdeskKeys {
  readonly helpdesk: {
    readonly mode: "process" | "container" | "external";
    readonly port: number;
    readonly bindAddress?: string | undefined;
    readonly baseImage?: string | undefined;
  };
}

/** What the stack starts. Empty for a helpdesk that runs already. */
export interface HelpdeskRunSettings {
  readonly process?: HelpdeskProcessSettings;
  readonly container?: HelpdeskContainerSettings;
  readonly clientSecret?: string;
}

/** Prepares what the stack starts; starts nothing. */
export async function helpdeskRun(
  stack: string,
  { helpdesk }: HelpdeskKeys,
): Promise<HelpdeskRunSettings> {
  const { mode, port, bindAddress } = helpdesk;
  if (mode === "external") return {};
  if (mode === "process") {
    const process = helpdeskProcess(stack, port, bindAddress);
    return { process, clientSecret: process.clientSecret };
  }
  const container = await helpdeskContainer(stack, helpdesk);
  return { container, clientSecret: container.clientSecret };
}
