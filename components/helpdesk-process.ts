/** @module The helpdesk as a process on the machine that runs `pulumi`. */
import * as pulumi from "@pulumi/pulumi";
import type { HelpdeskOAuth } from "./helpdesk-oauth.ts";
import { type Supervised, superviseWith } from "./supervised.ts";

/** How the stack starts the helpdesk on the machine that runs `pulumi`. `helpdeskProcess()` of `token-vault-kit/helpdesk` gives one. */
export interface HelpdeskProcess extends Supervised {
  /** Port on loopback. */
  readonly port: number;
  /** Address that it listens on. Default 127.0.0.1: this machine alone. */
  readonly bindAddress?: string | undefined;
  /** Command of the helpdesk itself, from the project's folder: program, then arguments. */
  readonly command: readonly string[];
  /** File that keeps tickets, grants and tokens, from the project's folder. */
  readonly database: string;
  /** Signs the helpdesk's session cookies. */
  readonly sessionSecret: pulumi.Input<string>;
  /** Keys the hashes under which the helpdesk keeps tokens. */
  readonly tokenSecret: pulumi.Input<string>;
}

/**
 * Declares the process as a child of the helpdesk.
 *
 * @returns Its address, known when it answers.
 */
export function helpdeskInProcess(
  parent: pulumi.ComponentResource,
  name: string,
  args: HelpdeskOAuth,
  process: HelpdeskProcess,
): pulumi.Output<string> {
  const url = `http://localhost:${process.port}`;
  const said = superviseWith(parent, `${name}-process`, process, {
    name: `${pulumi.getStack()}-${name}`,
    command: process.command,
    cwd: ".",
    env: {
      PORT: String(process.port),
      ...(process.bindAddress === undefined ? {} : { HOST: process.bindAddress }),
      HELPDESK_PUBLIC_URL: args.publicUrl ?? url,
      ...(args.trustedHosts === undefined || args.trustedHosts.length === 0
        ? {}
        : { HELPDESK_TRUSTED_HOSTS: args.trustedHosts.join(",") }),
      OAUTH2_CLIENT_ID: args.clientId,
      OAUTH2_CLIENT_SECRET: args.clientSecret,
      OAUTH2_REDIRECT_URI: args.redirectUris.join(","),
      SESSION_SECRET: process.sessionSecret,
      TOKEN_SECRET: process.tokenSecret,
      DATABASE: process.database,
    },
    ready: { url: `${url}/health` },
  });
  // The URL is known beforehand; depending on the command makes those who use it wait until it answers.
  return said.apply(() => url);
}
