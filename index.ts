/** @module The program: config in, components made, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import { keepAdopted } from "./components/adopted.ts";
import { helpdeskProvider } from "./components/helpdesk-provider.ts";
import { findMyAccountApi, MyAccountApi } from "./components/my-account-api.ts";
import { OAuth2Connection } from "./components/oauth2-connection.ts";
import { serviceProvider } from "./components/service-provider.ts";
import { findConnections } from "./components/shared-connections.ts";
import { builtInConnections } from "./components/stack-connections.ts";
import { stackSettings } from "./components/stack-settings.ts";
import { TokenVaultClient } from "./components/token-vault-client.ts";
import { ownScript } from "./scripts/own-script.ts";
import { profileScript } from "./scripts/profile-script.ts";
import { helpdeskRun } from "./services/helpdesk-run.ts";

const settings = stackSettings();
export const { tenant, domain, scopes } = settings;
keepAdopted(settings.adopted);

// A wrong script or service, or an unreachable tenant, stops the run here, before anything is made.
const [script, existingId, sharedConnections, service] = await Promise.all([
  ownScript(settings.script),
  findMyAccountApi(domain),
  findConnections(settings.loginConnections),
  serviceProvider(settings),
]);
const myAccountApi = new MyAccountApi("my-account", { domain, existingId });

const run = service === undefined ? await helpdeskRun(pulumi.getStack(), settings) : {};
const provider = service ?? helpdeskProvider(settings, run);

const userinfo = pulumi.output(provider.userinfoEndpoint ?? "");
const connection = new OAuth2Connection(provider.component, {
  name: settings.connectionName,
  displayName: settings.displayName,
  authorizationEndpoint: provider.authorizationEndpoint,
  tokenEndpoint: provider.tokenEndpoint,
  clientId: provider.clientId,
  clientSecret: provider.clientSecret,
  scopes,
  pkce: provider.pkce,
  fetchUserProfile: script ?? userinfo.apply((url) => profileScript({ userinfoUrl: url })),
  vaultOnly: settings.vaultOnly,
  owner: settings.owner,
  expires: settings.expires,
});

const client = new TokenVaultClient("agent", {
  name: settings.clientName,
  myAccountApi,
  connections: [connection, ...builtInConnections(settings)],
  sharedConnections,
  owner: settings.owner,
  expires: settings.expires,
});

export const { clientId, clientSecret } = client;
export const { connectionName, connectionId } = connection;
export const { helpdeskUrl, apiUrl, allowedDomains } = provider;
