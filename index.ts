/** @module The program: config in, components made, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import { Helpdesk } from "./components/helpdesk.ts";
import { findMyAccountApi, MyAccountApi } from "./components/my-account-api.ts";
import { OAuth2Connection } from "./components/oauth2-connection.ts";
import { findConnections } from "./components/shared-connections.ts";
import { stackSettings } from "./components/stack-settings.ts";
import { TokenVaultClient } from "./components/token-vault-client.ts";
import { Tunnel } from "./components/tunnel.ts";
import { ownScript } from "./scripts/own-script.ts";
import { profileScript } from "./scripts/profile-script.ts";
import { helpdeskProcess } from "./services/helpdesk-process.ts";

const settings = stackSettings();
export const { tenant, domain, scopes } = settings;

// A wrong script or an unreachable tenant stops the run here, before anything is made.
const [script, existingId, sharedConnections] = await Promise.all([
  ownScript(settings.script),
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
  scopes,
  fetchUserProfile:
    script ?? tunnel.url.apply((url) => profileScript({ userinfoUrl: `${url}/userinfo` })),
  vaultOnly: settings.vaultOnly,
  owner: settings.owner,
});

const client = new TokenVaultClient("agent", {
  name: settings.clientName,
  myAccountApi,
  connections: [connection],
  sharedConnections,
  owner: settings.owner,
});

export const { clientId, clientSecret } = client;
export const { connectionName, connectionId } = connection;
export const helpdeskUrl = tunnel.url;
export const allowedDomains = tunnel.url.apply((url) => [new URL(url).host]);
