/** @module How the configuration wants the helpdesk to run: what the program gives to its components. */
import { type HelpdeskContainerSettings, helpdeskContainer } from "./helpdesk-container.ts";
import { type HelpdeskProcessSettings, helpdeskProcess } from "./helpdesk-process.ts";
import {
  possibleHosts,
  type TunnelAgentSettings,
  type TunnelKeys,
  tunnelAgent,
} from "./tunnel-agent.ts";

/** The keys of the configuration that count here (components/helpdesk-settings.ts). */
export interface HelpdeskKeys {
  readonly helpdesk: {
    readonly mode: "process" | "container" | "external";
    readonly port: number;
    readonly bindAddress?: string | undefined;
    readonly baseImage?: string | undefined;
  };
  readonly tunnel: TunnelKeys;
  /** Secret. */
  readonly tunnelToken?: string | undefined;
}

/** What the stack starts. Empty for a helpdesk that runs already. */
export interface HelpdeskRunSettings {
  readonly process?: HelpdeskProcessSettings;
  readonly container?: HelpdeskContainerSettings;
  readonly clientSecret?: string;
  readonly agent?: TunnelAgentSettings | undefined;
  readonly trustedHosts: readonly string[];
}

/**
 * Prepares what the stack starts; starts nothing.
 *
 * @throws {ServiceError} The tunnel's agent is not installed.
 */
export async function helpdeskRun(stack: string, keys: HelpdeskKeys): Promise<HelpdeskRunSettings> {
  const { helpdesk, tunnel, tunnelToken } = keys;
  const { mode, port, bindAddress } = helpdesk;
  const agent = await tunnelAgent(stack, tunnel, port, tunnelToken);
  const outside = { agent, trustedHosts: possibleHosts(tunnel) };
  if (mode === "external") return outside;
  if (mode === "process") {
    const process = helpdeskProcess(stack, port, bindAddress);
    return { process, clientSecret: process.clientSecret, ...outside };
  }
  const container = await helpdeskContainer(stack, helpdesk);
  return { container, clientSecret: container.clientSecret, ...outside };
}
