/** @module The Acme Helpdesk and its tunnel, as the OAuth2 server of a connection. */
import * as pulumi from "@pulumi/pulumi";
import { Helpdesk } from "./helpdesk.ts";
import type { HelpdeskContainer } from "./helpdesk-container.ts";
import type { HelpdeskProcess } from "./helpdesk-process.ts";
import type { OAuth2Provider } from "./oauth2-provider.ts";
import type { StackSettings } from "./stack-settings.ts";
import { Tunnel, type TunnelAgent } from "./tunnel.ts";

/** How the stack runs the helpdesk, with the secret that it knows Auth0 by. Empty where it runs already. */
export interface HelpdeskRun {
  readonly process?: HelpdeskProcess | undefined;
  readonly container?: HelpdeskContainer | undefined;
  readonly clientSecret?: string | undefined;
  /** How the tunnel's agent is run, for a kind that has one. */
  readonly agent?: TunnelAgent | undefined;
  /** Hosts that the tunnel may come to have. */
  readonly trustedHosts?: readonly string[] | undefined;
}

/** Declares the helpdesk that the configuration asks for. */
export function helpdeskProvider(settings: StackSettings, run: HelpdeskRun): OAuth2Provider {
  const { helpdesk: keys, tunnel } = settings;
  const helpdesk = new Helpdesk("helpdesk", {
    url: keys.mode === "external" ? (keys.url ?? "") : undefined,
    process: run.process,
    container: run.container,
    publicUrl: tunnel.url,
    trustedHosts: run.trustedHosts,
    clientSecret: settings.helpdeskClientSecret ?? run.clientSecret ?? "",
    redirectUris: [`https://${settings.domain}/login/callback`],
  });
  const { url } = new Tunnel("tunnel", {
    ...{ kind: tunnel.kind, url: tunnel.url, agent: run.agent },
    target: helpdesk.url,
  });
  // Auth0's own calls may take another way than the browser's.
  const backChannel = keys.backChannelUrl?.replace(/\/+$/, "") ?? url;
  return {
    component: "helpdesk",
    authorizationEndpoint: pulumi.interpolate`${url}/authorize`,
    tokenEndpoint: pulumi.interpolate`${backChannel}/token`,
    userinfoEndpoint: pulumi.interpolate`${backChannel}/userinfo`,
    clientId: helpdesk.clientId,
    clientSecret: helpdesk.clientSecret,
    pkce: true,
    helpdeskUrl: url,
    apiUrl: pulumi.interpolate`${url}/tickets?limit=1`,
    allowedDomains: url.apply((text) => [new URL(text).host]),
  };
}
