/** @module The internal API that agents call: the Acme Helpdesk, started by the stack or already running. */
import * as pulumi from "@pulumi/pulumi";
import { type HelpdeskContainer, helpdeskInContainer } from "./helpdesk-container.ts";
import type { HelpdeskOAuth } from "./helpdesk-oauth.ts";
import { type HelpdeskProcess, helpdeskInProcess } from "./helpdesk-process.ts";

/** Arguments of {@link Helpdesk}. Exactly one of `url`, `process` and `container`. */
export interface HelpdeskArgs extends Omit<HelpdeskOAuth, "clientId"> {
  /** Where the API answers, for a helpdesk that somebody else runs. */
  readonly url?: pulumi.Input<string> | undefined;
  /** How to start it on this machine. */
  readonly process?: HelpdeskProcess | undefined;
  /** How to run it in a container. */
  readonly container?: HelpdeskContainer | undefined;
  /** What Auth0 is called at the helpdesk. Default `auth0-custom-oauth2`. */
  readonly clientId?: string;
}

/**
 * The Acme Helpdesk: an OAuth2 authorization server with a ticket API.
 *
 * As a process it owns one child, `{name}-process`. In a container it owns `{name}-image`,
 * `{name}-data` (the volume that keeps tickets, grants and tokens) and `{name}-container`. Running
 * elsewhere it owns none. Secrets are secret in the state whatever is given.
 *
 * @throws {pulumi.InputPropertiesError} Every wrong argument at once.
 */
export class Helpdesk extends pulumi.ComponentResource {
  /** Where the helpdesk listens, without a trailing slash. Known only when it answers. */
  readonly url: pulumi.Output<string>;
  /** What Auth0 is called at the helpdesk. */
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: pulumi.Output<string>;

  constructor(name: string, args: HelpdeskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:Helpdesk", name, {}, opts);
    const errors = problems(args);
    if (errors.length > 0) {
      throw new pulumi.InputPropertiesError({
        message: `Helpdesk "${name}" has wrong arguments`,
        errors,
      });
    }
    this.clientId = args.clientId ?? "auth0-custom-oauth2";
    this.clientSecret = pulumi.secret(args.clientSecret);
    this.url = this.address(name, {
      ...args,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
    });
    this.registerOutputs({ url: this.url });
  }

  private address(name: string, args: HelpdeskArgs & HelpdeskOAuth): pulumi.Output<string> {
    const { process, container, url = "" } = args;
    if (process !== undefined) return helpdeskInProcess(this, name, args, process);
    if (container !== undefined) return helpdeskInContainer(this, name, args, container);
    return pulumi.output(url).apply((text) => text.replace(/\/+$/, ""));
  }
}

function problems(args: HelpdeskArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  const ways = [args.url, args.process, args.container].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    found.push({
      propertyPath: "url",
      reason: "give exactly one of `url`, `process` and `container`",
    });
  }
  if (args.redirectUris.length === 0) {
    found.push({ propertyPath: "redirectUris", reason: "is empty: no browser could be sent back" });
  }
  for (const [index, uri] of args.redirectUris.entries()) {
    if (!URL.canParse(uri) || uri.includes(",")) {
      found.push({ propertyPath: `redirectUris[${index}]`, reason: `"${uri}" is not a URL` });
    }
  }
  return found;
}
