/** @module The program: config in, components made, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import { Helpdesk } from "./components/helpdesk.ts";
import { findMyAccountApi, MyAccountApi } from "./components/my-account-api.ts";
import { OAuth2Connection } from "./components/oauth2-connection.ts";
import { findConnections } from "./components/shared-connections.ts";
import { stackSettings } from "./components/stack-settings.ts";
import { TokenVaultClient } from "./components/token-vault-client.ts";
import { Tunnel } from "./components/tunnel.ts";
import { bundleScript } from "./scripts/bundle-script.ts";
import { profileScript } from "./scripts/profile-script.ts";
import { helpdeskProcess } from "./services/helpdesk-process.ts";

const settings = stackSettings();
const { domain, owner } = settings;

// A wrong script or an unreachable tenant stops the run here, before anything is made.
const ownScript = settings.script && bundleScript({ entry: settings.script });
const [existingId, sharedConnections] = await Promise.all([
  findMyAccountApi(domain),
  findConnections(settings.loginConnections),
]);
const myAccountApi = new MyAccountApi("my-account", { domain, existingId });

const { mode, port, url } = settings.helpdesk;
const process = mode === "process" ? helpdeskProcess(pulumi.getStack(), port) : undefined;
const helpdesk = new Helpdesk("helpdesk", {
  ...(process === undefined ? { url: url ?? "" } : { process }),
  publicUrl: settings.tunnel.url,
  clientSecret: settings.helpdeskClientSecret ?? process?.clientSecret ?? "",
  redirectUris: [`https://${domain}/login/callback`],
});
const tunnel = new Tunnel("tunnel", { ...settings.tunnel, target: helpdesk.url });

const connection = new OAuth2Connection("helpdesk", {
  name: settings.connectionName,
  displayName: settings.displayName,
  authorizationEndpoint: pulumi.interpolate`${tunnel.url}/authorize`,
  tokenEndpoint: pulumi.interpolate`${tunnel.url}/token`,
  clientId: helpdesk.clientId,
  clientSecret: helpdesk.clientSecret,
  scopes: settings.scopes,
  fetchUserProfile:
    ownScript ?? tunnel.url.apply((url) => profileScript({ userinfoUrl: `${url}/userinfo` })),
  vaultOnly: settings.vaultOnly,
  owner,
});

const client = new TokenVaultClient("agent", {
  name: settings.clientName,
  myAccountApi,
  connections: [connection],
  sharedConnections,
  owner,
});

export const tenant = settings.tenant;
export { domain };
export const clientId = client.clientId;
export const clientSecret = client.clientSecret;
export const connectionName = connection.connectionName;
export const connectionId = connection.connectionId;
export const scopes = settings.scopes;
export const helpdeskUrl = tunnel.url;
export const allowedDomains = tunnel.url.apply((url) => [new URL(url).host]);
