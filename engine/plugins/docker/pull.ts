/** @module Fetches an image that the daemon does not have. */

import { PluginError } from "../protocol/plugin.ts";
import { type Daemon, statusOf } from "./daemon.ts";
import { followed } from "./progress.ts";

/** @throws {PluginError} The daemon can't get it. */
export async function pull({ docker }: Daemon, image: string): Promise<void> {
  try {
    await followed(docker, await docker.pull(image));
  } catch (cause) {
    const status = statusOf(cause);
    const said = cause instanceof Error ? cause.message : String(cause);
    const seen = status === 404 ? "no registry has it" : said;
    throw new PluginError(
      `docker: there is no image "${image}" on this machine, and it can't be pulled: ${seen}`,
      "Check its name, or build or load it first",
      { cause },
    );
  }
}
