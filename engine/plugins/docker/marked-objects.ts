/** @module What a stack made on a Docker daemon, found by the label on the objects themselves: no state is needed, and no library. */

import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { PluginError } from "../protocol/plugin.ts";
import type { DaemonAddress } from "./daemon-address.ts";
import { buildLabel, stackLabel, tagOf } from "./labels.ts";

/** An object of the daemon that bears a stack's mark. */
export interface MarkedOnDaemon {
  readonly kind: "container" | "network" | "volume" | "image";
  readonly id: string;
  /** Its name as a person knows it; of an image that has lost its name, the id. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Id of the image that a container was made from. */
  readonly image?: string;
}

/** How long a daemon may take to answer a question, in milliseconds. A removal may take longer. */
const answerMs = 5_000;
const removeMs = 60_000;

/** A row of one of the daemon's lists (Docker Engine API, version 1.24 and later). */
interface Row {
  readonly Id: string;
  readonly Name: string;
  readonly Names?: readonly string[];
  readonly RepoTags?: readonly string[] | null;
  readonly ImageID?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/**
 * Every object that bears this mark, in the order in which they can be removed.
 *
 * @param mark `PROJECT/STACK`, as `tvk_stack` has it (components/marks.ts) and `tvk_built_by` of images.
 * @returns Undefined where no daemon answers, or none that this user may ask.
 * @throws {PluginError} The daemon refuses the question.
 */
export async function markedOnDaemon(
  daemon: DaemonAddress,
  mark: string,
): Promise<MarkedOnDaemon[] | undefined> {
  const list = async (path: string, label = stackLabel) => {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${mark}`] }));
    const answer = await ask(daemon, "GET", `${path}filters=${filters}`, answerMs);
    return answer === undefined ? undefined : JSON.parse(required(answer));
  };
  const containers: Row[] | undefined = await list("/containers/json?all=true&");
  if (containers === undefined) return undefined;
  const networks: Row[] = (await list("/networks?")) ?? [];
  const volumes: Row[] = (await list("/volumes?"))?.Volumes ?? [];
  const images: Row[] = (await list("/images/json?", buildLabel)) ?? [];
  const named = (kind: MarkedOnDaemon["kind"], { Labels }: Row, id: string, name = id) =>
    ({ kind, id, name, labels: Labels ?? {} }) as const;
  return [
    ...containers.map((row) => ({
      ...named("container", row, row.Id, row.Names?.[0]?.replace(/^\//, "")),
      image: row.ImageID ?? "",
    })),
    ...networks.map((row) => named("network", row, row.Id, row.Name)),
    ...volumes.map((row) => named("volume", row, row.Name)),
    ...images.map((row) => named("image", row, row.Id, tagOf(row.RepoTags))),
  ];
}

const removals = {
  container: (id: string) => `/containers/${id}?force=true&v=true`,
  network: (id: string) => `/networks/${id}`,
  volume: (id: string) => `/volumes/${encodeURIComponent(id)}`,
  image: (id: string) => `/images/${id}`,
};

/**
 * Removes an object; one that is gone is a success.
 *
 * @returns False where something that is not the stack's still uses it.
 * @throws {PluginError} The daemon refuses, or ends meanwhile.
 */
export async function removeFromDaemon(
  daemon: DaemonAddress,
  { kind, id }: MarkedOnDaemon,
): Promise<boolean> {
  const answer = await ask(daemon, "DELETE", removals[kind](id), removeMs);
  // 403: a network with containers. 409: a volume or an image in use.
  if (answer?.status === 409 || answer?.status === 403) return false;
  if (answer?.status !== 404) required(answer);
  return true;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function required(answer: Answer | undefined): string {
  if (answer !== undefined && answer.status < 300) return answer.text;
  throw new PluginError(`docker: ${answer?.text.trim() || "the daemon does not answer any more"}`);
}

/** Undefined where nobody answers. */
function ask(
  { options }: DaemonAddress,
  method: string,
  path: string,
  timeoutMs: number,
): Promise<Answer | undefined> {
  const tls = "protocol" in options && options.protocol === "https";
  const { protocol: _, ...where } = { protocol: undefined, ...options };
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const request = (tls ? encrypted : plain)({ ...where, method, path, signal }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (piece: string) => {
          text += piece;
        })
        .on("end", () => resolve({ status: response.statusCode ?? 0, text }))
        .on("error", () => resolve(undefined));
    });
    request.on("error", () => resolve(undefined)).end();
  });
}
