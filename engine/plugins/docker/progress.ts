/** @module Follows the daemon's progress messages (a build, a pull) to their end. */

import type Docker from "dockerode";
import { PluginError } from "../protocol/plugin.ts";

interface Message {
  readonly stream?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

/** Last lines of a failed build's output in the error. */
const errorLines = 20;

/**
 * Reads to the end.
 *
 * @returns The id that a build says it has made.
 * @throws {PluginError} The daemon reports an error; with the last lines of what came before.
 */
export async function followed(
  docker: Docker,
  stream: NodeJS.ReadableStream,
): Promise<string | undefined> {
  const messages: Message[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error === null ? resolve() : reject(error)),
      (message: Message) => void messages.push(message),
    );
  }).catch((error: unknown) => {
    if (!messages.some((message) => message.error !== undefined)) throw error;
  });
  const failed = messages.find(({ error }) => error !== undefined);
  if (failed === undefined) return messages.findLast(({ aux }) => aux?.ID !== undefined)?.aux?.ID;
  const said = messages
    .map(({ stream: text = "" }) => text)
    .join("")
    .trim();
  const lines = said.split("\n").slice(-errorLines).join("\n");
  throw new PluginError(`${failed.error}${lines === "" ? "" : `; what came before:\n${lines}`}`);
}
