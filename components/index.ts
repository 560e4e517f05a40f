/** @module The package's door for Pulumi programs. */
export { BuiltInConnection, type BuiltInConnectionArgs } from "./built-in-connection.ts";
export { Helpdesk, type HelpdeskArgs } from "./helpdesk.ts";
export type { HelpdeskContainer } from "./helpdesk-container.ts";
export type { HelpdeskProcess } from "./helpdesk-process.ts";
export {
  connectedAccountsScopes,
  findMyAccountApi,
  MyAccountApi,
  type MyAccountApiArgs,
} from "./my-account-api.ts";
export { OAuth2Connection, type OAuth2ConnectionArgs } from "./oauth2-connection.ts";
export { findConnections } from "./shared-connections.ts";
export {
  type SharedConnection,
  TokenVaultClient,
  type TokenVaultClientArgs,
} from "./token-vault-client.ts";
export { Tunnel, type TunnelAgent, type TunnelArgs } from "./tunnel.ts";
