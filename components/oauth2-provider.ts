/** @module What the program knows of the OAuth2 server that its connection stands on. */
import type * as pulumi from "@pulumi/pulumi";

/** The helpdesk, or a service of somebody's own. */
export interface OAuth2Provider {
  /** Name of the connection's component, part of the names of its children: identity, never changed. */
  readonly component: string;
  /** As the user's browser reaches it. */
  readonly authorizationEndpoint: pulumi.Input<string>;
  /** As Auth0 reaches it. */
  readonly tokenEndpoint: pulumi.Input<string>;
  /** What fetchUserProfile asks. Undefined where the stack brings a script of its own. */
  readonly userinfoEndpoint: pulumi.Input<string> | undefined;
  /** What Auth0 is called at the server, and the secret that goes with it. */
  readonly clientId: string;
  readonly clientSecret: pulumi.Input<string>;
  /** Sends a PKCE challenge to the server. */
  readonly pkce: boolean;
  /** The helpdesk's address; undefined for another service. */
  readonly helpdeskUrl: pulumi.Input<string> | undefined;
  /** A GET that needs a token and changes nothing: what `tvk doctor` calls. */
  readonly apiUrl: pulumi.Input<string> | undefined;
  /** Hosts that may see a user's token. */
  readonly allowedDomains: pulumi.Input<string[]>;
}
