/** @module What the daemon says of a container, as properties of its resource. */

import type { ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import { type Plain, type PlainMap, same } from "../protocol/value.ts";
import { durationText } from "./duration.ts";
import { labelPairs, labelsOf } from "./labels.ts";

/**
 * The properties of a container that the daemon tells. What a container has from its image and not
 * from its own settings is left out, except where the schema calls it computed.
 *
 * @param image Undefined where the image has been removed since.
 * @param asked What the program asks for. The daemon does not tell whether a variable or a label that the
 *   image has too came from it, so one that is asked for counts as the container's own.
 */
export function foundProperties(
  container: ContainerInspectInfo,
  image: ImageInspectInfo | undefined,
  asked: PlainMap,
): PlainMap {
  const { Config, HostConfig, State } = container;
  const inherited = image?.Config;
  const health = Config.Healthcheck;
  const variables = Array.isArray(asked["envs"]) ? asked["envs"] : [];
  const askedLabels = labelsOf(asked);
  const own = <Value>(value: Value, fromImage: unknown): Value | undefined =>
    same((value ?? null) as Plain, (fromImage ?? null) as Plain) ? undefined : value;
  const found: Record<string, unknown> = {
    name: container.Name.replace(/^\//, ""),
    image: Config.Image,
    command: own(Config.Cmd, inherited?.Cmd) ?? undefined,
    entrypoints: own(toList(Config.Entrypoint), toList(inherited?.Entrypoint)) ?? undefined,
    envs: Config.Env.filter(
      (each) => variables.includes(each) || inherited?.Env?.includes(each) !== true,
    ),
    user: own(Config.User, inherited?.User),
    workingDir: own(Config.WorkingDir, inherited?.WorkingDir),
    hostname: Config.Hostname,
    domainname: Config.Domainname,
    labels: labelPairs(Config.Labels, without(inherited?.Labels, askedLabels)),
    ports: portsOf(HostConfig.PortBindings),
    publishAllPorts: HostConfig.PublishAllPorts === true,
    networkMode: HostConfig.NetworkMode,
    hosts: (HostConfig.ExtraHosts ?? []).map(hostOf),
    dns: HostConfig.Dns ?? [],
    dnsOpts: HostConfig.DnsOptions ?? [],
    dnsSearches: HostConfig.DnsSearch ?? [],
    volumes: (HostConfig.Binds ?? []).map(volumeOf),
    mounts: (HostConfig.Mounts ?? []).map(mountOf),
    tmpfs: HostConfig.Tmpfs ?? {},
    readOnly: HostConfig.ReadonlyRootfs === true,
    healthcheck:
      own(health, inherited?.Healthcheck) === undefined ? undefined : healthcheckOf(health),
    restart: HostConfig.RestartPolicy?.Name || "no",
    maxRetryCount: HostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
    init: HostConfig.Init === true,
    memory: mebibytes(HostConfig.Memory),
    memorySwap: mebibytes(HostConfig.MemorySwap),
    cpuShares: HostConfig.CpuShares ?? 0,
    cpuSet: HostConfig.CpusetCpus ?? "",
    shmSize: mebibytes(HostConfig.ShmSize),
    capabilities: capabilitiesOf(HostConfig),
    privileged: HostConfig.Privileged === true,
    securityOpts: HostConfig.SecurityOpt ?? [],
    groupAdds: HostConfig.GroupAdd ?? [],
    sysctls: HostConfig.Sysctls ?? {},
    logDriver: HostConfig.LogConfig?.Type,
    logOpts: HostConfig.LogConfig?.Config ?? {},
    exitCode: State.ExitCode,
    networkDatas: networksFound(container),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined && value !== null),
  ) as PlainMap;
}

/** The entries of a map whose keys another one does not have. */
function without(
  map: Readonly<Record<string, string>> | null | undefined,
  other: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(([key]) => !Object.hasOwn(other, key)),
  );
}

function portsOf(bindings: unknown): PlainMap[] {
  const entries = Object.entries((bindings ?? {}) as Record<string, PortBinding[] | null>);
  return entries.flatMap(([key, list]) => {
    const [internal, protocol = "tcp"] = key.split("/");
    return (list ?? []).map(({ HostIp, HostPort }) => ({
      internal: Number(internal),
      protocol,
      ip: HostIp || "0.0.0.0",
      ...(HostPort === "" || HostPort === "0" ? {} : { external: Number(HostPort) }),
    }));
  });
}

interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

function hostOf(line: string): PlainMap {
  const colon = line.indexOf(":");
  return { host: line.slice(0, colon), ip: line.slice(colon + 1) };
}

function volumeOf(bind: string): PlainMap {
  const [source = "", containerPath = "", mode = ""] = bind.split(":");
  const readOnly = mode.split(",").includes("ro");
  const from = source.startsWith("/") ? { hostPath: source } : { volumeName: source };
  return { containerPath, ...from, ...(readOnly ? { readOnly } : {}) };
}

function mountOf({ Type, Target, Source, ReadOnly }: FoundMount): PlainMap {
  return { type: Type, target: Target, source: Source ?? "", readOnly: ReadOnly === true };
}

interface FoundMount {
  readonly Type: string;
  readonly Target: string;
  readonly Source?: string | undefined;
  readonly ReadOnly?: boolean | undefined;
}

function healthcheckOf(
  health: ContainerInspectInfo["Config"]["Healthcheck"],
): PlainMap | undefined {
  if (health === undefined || health === null) return undefined;
  return {
    tests: health.Test ?? [],
    interval: durationText(health.Interval),
    timeout: durationText(health.Timeout),
    startPeriod: durationText(health.StartPeriod),
    retries: health.Retries ?? 0,
  };
}

function capabilitiesOf({ CapAdd, CapDrop }: ContainerInspectInfo["HostConfig"]): Plain {
  const [adds, drops] = [toList(CapAdd) ?? [], toList(CapDrop) ?? []];
  return adds.length + drops.length === 0 ? null : { adds, drops };
}

function networksFound({ NetworkSettings }: ContainerInspectInfo): PlainMap[] {
  return Object.entries(NetworkSettings.Networks).map(([networkName, network]) => ({
    networkName,
    gateway: network.Gateway,
    ipAddress: network.IPAddress,
    ipPrefixLength: network.IPPrefixLen,
    globalIpv6Address: network.GlobalIPv6Address,
    globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
    ipv6Gateway: network.IPv6Gateway,
    macAddress: network.MacAddress,
  }));
}

function toList(value: string | readonly string[] | null | undefined): string[] | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "string" ? [value] : [...value];
}

function mebibytes(bytes: number | undefined): number {
  if (bytes === undefined) return 0;
  return bytes < 0 ? bytes : Math.floor(bytes / 1024 / 1024);
}
