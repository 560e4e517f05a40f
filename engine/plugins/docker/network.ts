/** @module docker:index/network:Network: what containers reach one another by. */

import type { NetworkCreateOptions } from "dockerode";
import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";
import { type Daemon, statusOf, unlessGone } from "./daemon.ts";
import { isOurs, labelPairs, labelsOf } from "./labels.ts";
import type { ObjectKind } from "./object-resource.ts";
import { blocks, flag, labels, text, textMap } from "./property.ts";

export function networkKind(daemon: () => Daemon): ObjectKind {
  return {
    properties: {
      name: text({ computed: true }),
      driver: text({ computed: true }),
      internal: flag({ computed: true }),
      attachable: flag(),
      ipv6: flag(),
      ipamDriver: text({ default: "default" }),
      ipamConfigs: blocks(
        { subnet: text(), gateway: text(), ipRange: text(), auxAddress: textMap() },
        { computed: true },
      ),
      options: textMap({ computed: true }),
      labels: labels(),
      scope: text({ readOnly: true }),
    },
    unsupported: ["ingress", "ipamOptions"],
    stables: ["name", "driver", "scope"],

    async create(inputs) {
      const { docker } = daemon();
      const name = String(inputs["name"]);
      const options = createOptions(name, inputs);
      try {
        return (await docker.createNetwork(options)).id;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const there = await docker.getNetwork(name).inspect();
        if (isOurs(there.Labels, inputs)) return there.Id;
        throw new PluginError(
          `a network "${name}" exists already and is not this stack's`,
          `Give it another name, or bring it in with: pulumi import docker:index/network:Network NAME ${there.Id}`,
        );
      }
    },

    async read(id) {
      const network = await unlessGone(daemon().docker.getNetwork(id).inspect());
      if (network === undefined) return undefined;
      const found = {
        name: network.Name,
        driver: network.Driver,
        internal: network.Internal,
        attachable: network.Attachable,
        ipv6: network.EnableIPv6 === true,
        ipamDriver: network.IPAM?.Driver ?? "default",
        ipamConfigs: (network.IPAM?.Config ?? []).map(ipamBlock),
        options: { ...network.Options },
        labels: labelPairs(network.Labels),
        scope: network.Scope,
      };
      return { id: network.Id, found };
    },

    async remove(id) {
      const network = daemon().docker.getNetwork(id);
      const { Containers = {} } = (await unlessGone(network.inspect())) ?? {};
      // A container of somebody else's would keep it: it is let go, as the official provider does.
      for (const container of Object.keys(Containers)) {
        await unlessGone(network.disconnect({ Container: container, Force: true }));
      }
      await unlessGone(network.remove());
    },
  };
}

function createOptions(Name: string, inputs: PlainMap): NetworkCreateOptions {
  const { driver, internal, attachable, ipv6, ipamDriver, ipamConfigs, options } = inputs;
  const configs = Array.isArray(ipamConfigs) ? ipamConfigs.filter(isPlainMap) : [];
  return {
    Name,
    CheckDuplicate: true,
    Labels: labelsOf(inputs),
    Driver: driver === undefined ? "bridge" : String(driver),
    Internal: internal === true,
    Attachable: attachable === true,
    EnableIPv6: ipv6 === true,
    ...(options === undefined ? {} : { Options: options as Record<string, string> }),
    IPAM: {
      Driver: ipamDriver === undefined ? "default" : String(ipamDriver),
      Config: configs.map(ipamConfig) as never[],
    },
  };
}

const ipamNames = {
  subnet: "Subnet",
  gateway: "Gateway",
  ipRange: "IPRange",
  auxAddress: "AuxiliaryAddresses",
} as const;

function ipamConfig(config: PlainMap): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(ipamNames).flatMap(([property, wire]) => {
      const value = config[property];
      return value === undefined || value === "" ? [] : [[wire, value]];
    }),
  );
}

function ipamBlock(config: object): PlainMap {
  const wire = config as Record<string, Plain>;
  return Object.fromEntries(
    Object.entries(ipamNames).flatMap(([property, name]) => {
      const value = wire[name];
      return value === undefined || value === "" ? [] : [[property, value]];
    }),
  );
}
