/** @module A process that the stack keeps alive through the supervisor: one Command. */
import { createRequire } from "node:module";
import type { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";

/** How to reach the supervisor, and which run of the process the stack means. */
export interface Supervised {
  /** Command line, from the project's folder, of the supervisor's door (`services/main.ts`). */
  readonly supervisor: string;
  /** Folder of the supervisor's records, from the project's folder. */
  readonly servicesDir: string;
  /** The live run's own name, or a new one where none is alive: so that a dead process is a difference. */
  readonly instance: string;
}

/**
 * Declares a command that asks the supervisor to ensure a process, and to stop it on delete. Secrets
 * travel in the command's environment, which the state keeps encrypted, never in its text.
 *
 * @param service The process's description, a `ServiceSpec` (services/service-spec.ts) without `instance`.
 * @returns What the supervisor said, one line of JSON: known when the process answers.
 */
export function superviseWith(
  parent: pulumi.ComponentResource,
  name: string,
  { supervisor, servicesDir, instance }: Supervised,
  service: pulumi.Input<Record<string, unknown>>,
): pulumi.Output<string> {
  const spec = pulumi.output(service).apply((known) => ({ ...known, instance }));
  const LocalCommand = commandResource();
  const command = new LocalCommand(
    name,
    {
      create: `${supervisor} ensure`,
      // An update is an ensure too: it replaces the process where its settings changed.
      update: `${supervisor} ensure`,
      delete: `${supervisor} stop`,
      environment: {
        TVK_SERVICES_DIR: servicesDir,
        TVK_SERVICE: pulumi.secret(pulumi.jsonStringify(spec)),
      },
      triggers: [instance],
    },
    // It holds a port: the old one has to go before the new one can start.
    { parent, deleteBeforeReplace: true },
  );
  return command.stdout;
}

/** Loaded here and not with this file: who has no process to start need not install it. */
function commandResource(): typeof Command {
  try {
    return createRequire(import.meta.url)("@pulumi/command/local/command.js").Command;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new pulumi.RunError(
      "a supervised process needs @pulumi/command, which is not installed; run npm install @pulumi/command",
    );
  }
}
