/** @module docker:index/volume:Volume: data that outlives the containers that use it. */

import { setTimeout as sleep } from "node:timers/promises";
import type { VolumeCreateOptions } from "dockerode";
import { PluginError } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";
import { type Daemon, statusOf, unlessGone } from "./daemon.ts";
import { isOurs, labelPairs, labelsOf } from "./labels.ts";
import type { ObjectKind } from "./object-resource.ts";
import { labels, text, textMap } from "./property.ts";

/** A container that is being removed still has its volumes for a moment. */
const inUseMs = 10_000;

export function volumeKind(daemon: () => Daemon): ObjectKind {
  return {
    properties: {
      name: text({ computed: true }),
      driver: text({ computed: true }),
      driverOpts: textMap(),
      labels: labels(),
      mountpoint: text({ readOnly: true }),
    },
    unsupported: ["cluster"],
    stables: ["name", "driver", "mountpoint"],

    async create(inputs) {
      const { docker } = daemon();
      const name = String(inputs["name"]);
      // Docker answers a create of what is there with what is there, whosever it is.
      const there = await unlessGone(docker.getVolume(name).inspect());
      if (there !== undefined) {
        if (isOurs(there.Labels, inputs)) return name;
        throw new PluginError(
          `a volume "${name}" exists already and is not this stack's`,
          `Give it another name, or bring it in with: pulumi import docker:index/volume:Volume NAME ${name}`,
        );
      }
      await docker.createVolume(createOptions(name, inputs));
      return name;
    },

    async read(id) {
      const volume = await unlessGone(daemon().docker.getVolume(id).inspect());
      if (volume === undefined) return undefined;
      const found = {
        name: volume.Name,
        driver: volume.Driver,
        driverOpts: { ...volume.Options },
        labels: labelPairs(volume.Labels),
        mountpoint: volume.Mountpoint,
      };
      return { id: volume.Name, found };
    },

    async remove(id) {
      for (const deadline = performance.now() + inUseMs; ; await sleep(100)) {
        try {
          await unlessGone(daemon().docker.getVolume(id).remove());
          return;
        } catch (error) {
          if (statusOf(error) !== 409 || performance.now() > deadline) throw error;
        }
      }
    },
  };
}

function createOptions(Name: string, inputs: PlainMap): VolumeCreateOptions {
  const { driver, driverOpts } = inputs;
  return {
    Name,
    Labels: labelsOf(inputs),
    ...(driver === undefined ? {} : { Driver: String(driver) }),
    ...(driverOpts === undefined ? {} : { DriverOpts: driverOpts as Record<string, string> }),
  };
}
