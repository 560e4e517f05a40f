/** @module How a stack runs its helpdesk in a container. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeHelpdeskImage } from "./helpdesk-image.ts";
import { type HelpdeskSecrets, helpdeskSecrets, keptHelpdeskSecrets } from "./helpdesk-secrets.ts";
import { stackDir } from "./project-paths.ts";

/** What a caller decides. */
export interface HelpdeskContainerOptions {
  /** Port on the machine of the Docker daemon. */
  readonly port: number;
  /** Address there that the port is bound to. Default 127.0.0.1. */
  readonly bindAddress?: string | undefined;
  /** Image to build on: has `node` 22.13 or later on its PATH. Default: the Dockerfile's, `node:24-slim`. */
  readonly baseImage?: string | undefined;
}

/** What the `Helpdesk` component takes as `container`, and the secret that the connection is given. */
export interface HelpdeskContainerSettings extends HelpdeskSecrets, HelpdeskContainerOptions {
  readonly context: string;
  readonly objectName: string;
}

/** Hexadecimal digits that tell two stacks of one name on one daemon apart. */
const nameDigits = 8;

/**
 * Settings of the stack's helpdesk container. Makes the stack's three secrets on first use and writes
 * the folder that the image is built from; both stay in `.tvk/`.
 */
export async function helpdeskContainer(
  stack: string,
  { port, bindAddress, baseImage }: HelpdeskContainerOptions,
): Promise<HelpdeskContainerSettings> {
  const dir = stackDir(stack);
  const context = join(dir, "helpdesk-image");
  const secrets = helpdeskSecrets(dir);
  await writeHelpdeskImage(context);
  return {
    ...{ port, bindAddress, baseImage, ...secrets },
    context,
    objectName: objectNameOf(stack, secrets),
  };
}

/**
 * What the stack's image, volume and container are called, if it ever had any: the name tells them from
 * those of another folder's stack of the same name on the same daemon.
 */
export function helpdeskObjectName(projectDir: string, stack: string): string | undefined {
  const secrets = keptHelpdeskSecrets(join(projectDir, stackDir(stack)));
  return secrets && objectNameOf(stack, secrets);
}

function objectNameOf(stack: string, { tokenSecret }: HelpdeskSecrets): string {
  const id = createHash("sha256").update(tokenSecret).digest("hex").slice(0, nameDigits);
  // Image names are in lower case.
  return `tvk-${stack.toLowerCase()}-helpdesk-${id}`;
}
