/** @module docker:index/container:Container: created, started, awaited, replaced, removed. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Container, ContainerInspectInfo } from "dockerode";
import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { foundProperties } from "./container-found.ts";
import { createOptions, networksOf, updateOptions } from "./container-options.ts";
import { containerProperties, otherContainerProperties } from "./container-properties.ts";
import { type Daemon, statusOf, unlessGone } from "./daemon.ts";
import { isOurs } from "./labels.ts";
import type { ObjectKind } from "./object-resource.ts";
import { pull } from "./pull.ts";

const askEveryMs = 100;
/** How long a container without a health check is watched for an early end. */
const mustRunMs = 500;
/** Last lines of its log in the error of a container that does not start. */
const logLines = 20;

export function containerKind(daemon: () => Daemon): ObjectKind {
  const inspect = (id: string) => unlessGone(daemon().docker.getContainer(id).inspect());
  return {
    properties: containerProperties,
    unsupported: otherContainerProperties,
    stables: ["name", "image"],

    inTheWay(news, outputs) {
      const taken = hostPorts(outputs);
      return hostPorts(news).some((port) => taken.includes(port));
    },

    async create(inputs) {
      const container = await made(daemon(), inputs);
      try {
        for (const { name, settings } of networksOf(inputs).slice(1)) {
          const network = daemon().docker.getNetwork(name);
          await network.connect({ Container: container.id, EndpointConfig: settings });
        }
        if (inputs["start"] !== false) await started(container, inputs);
        return container.id;
      } catch (error) {
        await removed(container, inputs);
        throw error;
      }
    },

    async read(id, asked) {
      const container = await inspect(id);
      if (container === undefined) return undefined;
      const image = await unlessGone(daemon().docker.getImage(container.Image).inspect());
      const found = foundProperties(container, image, asked);
      return { id: container.Id, found: { ...found, ...stateOf(container) } };
    },

    async update(id, inputs) {
      const container = daemon().docker.getContainer(id);
      await container.update(updateOptions(inputs));
      const info = await container.inspect();
      if (inputs["start"] !== false && !info.State.Running) await started(container, inputs);
    },

    remove: (id, outputs) => removed(daemon().docker.getContainer(id), outputs),
  };
}

/** A container that should run and does not is a difference that an update mends: it is started again. */
function stateOf({ State }: ContainerInspectInfo): PlainMap {
  return { start: State.Running || State.Restarting };
}

/** Creates the container; pulls its image where the daemon does not have it. */
async function made(daemon: Daemon, inputs: PlainMap): Promise<Container> {
  const { docker } = daemon;
  const options = createOptions(inputs);
  try {
    return await docker.createContainer(options);
  } catch (error) {
    if (statusOf(error) === 404) {
      await pull(daemon, String(inputs["image"]));
      return docker.createContainer(createOptions(inputs));
    }
    if (statusOf(error) !== 409) throw error;
    const name = String(inputs["name"]);
    const there = await docker.getContainer(name).inspect();
    if (!isOurs(there.Config.Labels, inputs)) {
      throw new PluginError(
        `a container "${name}" exists already and is not this stack's (image ${there.Config.Image})`,
        `Remove it with: docker rm -f ${name}. Or give this one another name`,
      );
    }
    // A killed run made it; how far it came nobody knows.
    await removed(docker.getContainer(there.Id), inputs);
    return docker.createContainer(createOptions(inputs));
  }
}

/** Starts a container and waits until it runs, or is healthy where the program asks for that. */
async function started(container: Container, inputs: PlainMap): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const [, port] = /(?:0\.0\.0\.0|127\.0\.0\.1|:::?|\[::\]):(\d+)/.exec(said) ?? [];
    if (/port is already allocated|address already in use/.test(said)) {
      throw new PluginError(
        `port ${port ?? "of the container"} is taken on this machine by something else`,
        "End that or choose another port, and run again",
        { cause: error },
      );
    }
    throw error;
  }
  if (inputs["mustRun"] === false) return;
  const healthy = inputs["wait"] === true;
  const seconds = typeof inputs["waitTimeout"] === "number" ? inputs["waitTimeout"] : 60;
  const deadline = performance.now() + (healthy ? seconds * 1000 : mustRunMs);
  for (;;) {
    const { State, Config } = await container.inspect();
    const health = State.Health?.Status;
    if (healthy && (health === "healthy" || (await passesCheck(container, Config)))) return;
    if (!State.Running || State.Restarting) {
      throw await failure(container, `ended at its start with exit code ${State.ExitCode}`);
    }
    if (healthy && (health === undefined || health === "none")) {
      throw new PluginError(
        "`wait` is true and the container has no health check",
        "Set healthcheck, or use an image with a HEALTHCHECK",
      );
    }
    if (performance.now() > deadline) {
      if (!healthy) return;
      const last = State.Health?.Log?.at(-1)?.Output.trim();
      const check = last === undefined || last === "" ? "" : `; its health check says: ${last}`;
      throw await failure(container, `was not healthy within ${seconds} s${check}`);
    }
    await sleep(askEveryMs);
  }
}

/**
 * Runs the health check now: the daemon makes its first one a whole interval after the start, and
 * nobody should wait for that. Only where it is a command without a shell.
 */
async function passesCheck(
  container: Container,
  { Healthcheck: health }: ContainerInspectInfo["Config"],
): Promise<boolean> {
  const [form, ...command] = health?.Test ?? [];
  if (form !== "CMD") return false;
  try {
    const check = await container.exec({ Cmd: command, AttachStdout: true });
    const output = await check.start({});
    await new Promise((resolve) => output.on("close", resolve).resume());
    return (await check.inspect()).ExitCode === 0;
  } catch {
    // It has ended meanwhile: the next look says how.
    return false;
  }
}

async function failure(container: Container, what: string): Promise<PluginError> {
  const log = await lastLines(container).catch(() => "");
  const said = log === "" ? "its log is empty" : `its log ends with:\n${log}`;
  return new PluginError(`the container ${what}; ${said}`);
}

async function lastLines(container: Container): Promise<string> {
  const bytes = await container.logs({ stdout: true, stderr: true, tail: logLines });
  return demultiplexed(bytes).trim();
}

/** Without a terminal the daemon sends frames: a byte for the stream, three zeros, the length (Docker API, "Attach"). */
function demultiplexed(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    text += bytes.toString("utf8", at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}

async function removed(container: Container, properties: PlainMap): Promise<void> {
  const seconds = properties["destroyGraceSeconds"];
  if (typeof seconds === "number" && seconds > 0) {
    await unlessGone(container.stop({ t: seconds })).catch((error: unknown) => {
      // 304: it had stopped before.
      if (statusOf(error) !== 304) throw error;
    });
  }
  const volumes = properties["removeVolumes"] !== false;
  try {
    await unlessGone(container.remove({ force: true, v: volumes }));
  } catch (error) {
    // 409: somebody else is removing it at this moment.
    if (statusOf(error) !== 409) throw error;
  }
}

/** `IP:PORT/PROTOCOL` of every port that is fixed on the host. */
function hostPorts({ ports }: PlainMap): string[] {
  if (!Array.isArray(ports)) return [];
  return ports
    .filter(isPlainMap)
    .filter(({ external }) => typeof external === "number" && external !== 0)
    .map(({ external, protocol }) => `${external}/${String(protocol ?? "tcp")}`);
}
