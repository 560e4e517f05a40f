/** @module The internal API that agents call: the Acme Helpdesk, started by the stack or already running. */
import { createRequire } from "node:module";
import type { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";

/** How the stack starts the helpdesk on the machine that runs `pulumi`. */
export interface HelpdeskProcess {
  /** Port on loopback. */
  readonly port: number;
  /** Command line, from the project's folder, of the supervisor's door (`services/main.ts`). */
  readonly supervisor: string;
  /** Command of the helpdesk itself, from the project's folder: program, then arguments. */
  readonly command: readonly string[];
  /** Folder of the supervisor's records, from the project's folder. */
  readonly servicesDir: string;
  /** File that keeps tickets, grants and tokens, from the project's folder. */
  readonly database: string;
  /**
   * Which run of the process the stack means: the live one's own name, or a new one where none is
   * alive. A dead helpdesk is seen this way and started by the next `up`.
   */
  readonly instance: string;
  /** Signs the helpdesk's session cookies. */
  readonly sessionSecret: pulumi.Input<string>;
  /** Keys the hashes under which the helpdesk keeps tokens. */
  readonly tokenSecret: pulumi.Input<string>;
}

/** Arguments of {@link Helpdesk}. */
export interface HelpdeskArgs {
  /** Where the API answers, for a helpdesk that somebody else runs; or how to start it. Exactly one. */
  readonly url?: pulumi.Input<string>;
  readonly process?: HelpdeskProcess;
  /** Its public URL where that is not its own address: a tunnel's. */
  readonly publicUrl?: pulumi.Input<string> | undefined;
  /** What Auth0 is called at the helpdesk. Default `auth0-custom-oauth2`. */
  readonly clientId?: string;
  /** The secret that goes with it. */
  readonly clientSecret: pulumi.Input<string>;
  /** Where the helpdesk may send the browser back: the tenant's `/login/callback`, canonical and custom domain. */
  readonly redirectUris: readonly string[];
}

/**
 * The Acme Helpdesk: an OAuth2 authorization server with a ticket API.
 *
 * Owns one child, `{name}-process`, when the stack starts it: a command that asks the supervisor to
 * ensure the process, and to stop it on delete. Secrets travel in the command's environment, which
 * the state keeps encrypted, never in its text.
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
    this.url =
      args.process === undefined
        ? pulumi.output(args.url ?? "").apply((url) => url.replace(/\/+$/, ""))
        : this.start(name, args, args.process);
    this.registerOutputs({ url: this.url });
  }

  private start(name: string, args: HelpdeskArgs, process: HelpdeskProcess): pulumi.Output<string> {
    const url = `http://localhost:${process.port}`;
    const service = pulumi.secret(
      pulumi.jsonStringify({
        name: `${pulumi.getStack()}-${name}`,
        command: process.command,
        cwd: ".",
        env: {
          PORT: String(process.port),
          HELPDESK_PUBLIC_URL: args.publicUrl ?? url,
          OAUTH2_CLIENT_ID: this.clientId,
          OAUTH2_CLIENT_SECRET: this.clientSecret,
          OAUTH2_REDIRECT_URI: args.redirectUris.join(","),
          SESSION_SECRET: process.sessionSecret,
          TOKEN_SECRET: process.tokenSecret,
          DATABASE: process.database,
        },
        ready: { url: `${url}/health` },
        instance: process.instance,
      }),
    );
    const LocalCommand = commandResource();
    const command = new LocalCommand(
      `${name}-process`,
      {
        create: `${process.supervisor} ensure`,
        // An update is an ensure too: it replaces the process where its settings changed.
        update: `${process.supervisor} ensure`,
        delete: `${process.supervisor} stop`,
        environment: { TVK_SERVICES_DIR: process.servicesDir, TVK_SERVICE: service },
        triggers: [process.instance],
      },
      // A helpdesk holds its port: the old one has to go before the new one can start.
      { parent: this, deleteBeforeReplace: true },
    );
    // The URL is known beforehand; depending on the command makes those who use it wait until it answers.
    return command.stdout.apply(() => url);
  }
}

/** Loaded here and not with this file: who has no helpdesk to start need not install it. */
function commandResource(): typeof Command {
  try {
    return createRequire(import.meta.url)("@pulumi/command/local/command.js").Command;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new pulumi.RunError(
      "Helpdesk starts its process with @pulumi/command, which is not installed; run npm install @pulumi/command",
    );
  }
}

function problems(args: HelpdeskArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  if ((args.url === undefined) === (args.process === undefined)) {
    found.push({
      propertyPath: "url",
      reason: "give either `url` or `process`, not both, not neither",
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
