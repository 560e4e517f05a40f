/** @module The package's door to the sample API in a program of one's own: as a process, or in a container; and to its tunnel. */
export {
  type HelpdeskContainerOptions,
  type HelpdeskContainerSettings,
  helpdeskContainer,
} from "./helpdesk-container.ts";
export { type HelpdeskProcessSettings, helpdeskProcess } from "./helpdesk-process.ts";
export { type TunnelAgentSettings, type TunnelKeys, tunnelAgent } from "./tunnel-agent.ts";
