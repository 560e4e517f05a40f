/** @module The Acme Helpdesk and its tunnel, as the OAuth2 server of a connection. */
import * as pulumi from "@pulumi/pulumi";
import { Helpdesk, type HelpdeskProcess } from "./helpdesk.ts";
import type { OAuth2Provider } from "./oauth2-provider.ts";
import type { StackSettings } from "./stack-settings.ts";
import { Tunnel } from "./tunnel.ts";

/**
 * Declares the helpdesk that the configuration asks for.
 *
 * @param process How to start it here, with the secret that it knows Auth0 by; undefined where it runs already.
 */
export function helpdeskProvider(
  settings: StackSettings,
  process: (HelpdeskProcess & { readonly clientSecret: string }) | undefined,
): OAuth2Provider {
  const helpdesk = new Helpdesk("helpdesk", {
    ...(process === undefined ? { url: settings.helpdesk.url ?? "" } : { process }),
    publicUrl: settings.tunnel.url,
    clientSecret: settings.helpdeskClientSecret ?? process?.clientSecret ?? "",
    redirectUris: [`https://${settings.domain}/login/callback`],
  });
  const { url } = new Tunnel("tunnel", { ...settings.tunnel, target: helpdesk.url });
  return {
    component: "helpdesk",
    authorizationEndpoint: pulumi.interpolate`${url}/authorize`,
    tokenEndpoint: pulumi.interpolate`${url}/token`,
    userinfoEndpoint: pulumi.interpolate`${url}/userinfo`,
    clientId: helpdesk.clientId,
    clientSecret: helpdesk.clientSecret,
    pkce: true,
    helpdeskUrl: url,
    apiUrl: pulumi.interpolate`${url}/tickets?limit=1`,
    allowedDomains: url.apply((text) => [new URL(text).host]),
  };
}
