/** @module What the helpdesk is told of the world, however it runs. */
import type * as pulumi from "@pulumi/pulumi";

/** Its addresses, and Auth0 as its OAuth client. */
export interface HelpdeskOAuth {
  /** Its public URL where that is not its own address: a tunnel's. */
  readonly publicUrl?: pulumi.Input<string> | undefined;
  /** Hosts, exact or `*.example.com`, that may be its public one: of a tunnel whose URL nobody knows yet. */
  readonly trustedHosts?: readonly string[] | undefined;
  /** What Auth0 is called at the helpdesk. */
  readonly clientId: string;
  /** The secret that goes with it. */
  readonly clientSecret: pulumi.Input<string>;
  /** Where the helpdesk may send the browser back: the tenant's `/login/callback`, canonical and custom domain. */
  readonly redirectUris: readonly string[];
}
