/** @module A container's inputs as the daemon takes them. */

import type { ContainerCreateOptions, EndpointSettings, HostConfig } from "dockerode";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";
import { nanoseconds } from "./duration.ts";
import { labelsOf } from "./labels.ts";

/** Body of the create request. Only the first of the networks is in it, as the API asks. */
export function createOptions(inputs: PlainMap): ContainerCreateOptions {
  const [first] = networksOf(inputs);
  const { user, workingDir, hostname, domainname, stopSignal, stopTimeout } = inputs;
  const ports = maps(inputs["ports"]);
  return {
    name: String(inputs["name"]),
    Image: String(inputs["image"]),
    Labels: labelsOf(inputs),
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    ...given({
      Cmd: strings(inputs["command"]),
      Entrypoint: strings(inputs["entrypoints"]),
      Env: strings(inputs["envs"]),
      User: user,
      WorkingDir: workingDir,
      Hostname: hostname,
      Domainname: domainname,
      StopSignal: stopSignal,
      StopTimeout: stopTimeout,
      Healthcheck: healthcheck(inputs["healthcheck"]),
    }),
    HostConfig: hostConfig(inputs, ports, first?.name),
    ...(first === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [first.name]: first.settings } } }),
  };
}

/** The networks that a container joins by name, in the program's order. */
export function networksOf(inputs: PlainMap): { name: string; settings: EndpointSettings }[] {
  return maps(inputs["networksAdvanced"]).map(({ name, aliases, ipv4Address, ipv6Address }) => ({
    name: String(name),
    settings: given({
      Aliases: strings(aliases),
      IPAMConfig:
        ipv4Address === undefined && ipv6Address === undefined
          ? undefined
          : given({ IPv4Address: ipv4Address, IPv6Address: ipv6Address }),
    }) as EndpointSettings,
  }));
}

/** What is changed in a container that runs. */
export function updateOptions(inputs: PlainMap): object {
  return { RestartPolicy: restartPolicy(inputs) };
}

function hostConfig(
  inputs: PlainMap,
  ports: readonly PlainMap[],
  network: string | undefined,
): HostConfig {
  const { networkMode, dns, dnsOpts, dnsSearches, capabilities, logDriver, logOpts } = inputs;
  const powers = isPlainMap(capabilities) ? capabilities : {};
  return given({
    ...updateOptions(inputs),
    NetworkMode: networkMode ?? network,
    PortBindings: portBindings(ports),
    PublishAllPorts: inputs["publishAllPorts"],
    ExtraHosts: maps(inputs["hosts"]).map(({ host, ip }) => `${host}:${ip}`),
    Dns: strings(dns),
    DnsOptions: strings(dnsOpts),
    DnsSearch: strings(dnsSearches),
    Binds: maps(inputs["volumes"]).map(bind),
    Mounts: maps(inputs["mounts"]).map(mount),
    Tmpfs: inputs["tmpfs"],
    ReadonlyRootfs: inputs["readOnly"],
    Init: inputs["init"],
    Memory: bytes(inputs["memory"]),
    MemorySwap: bytes(inputs["memorySwap"]),
    CpuShares: inputs["cpuShares"],
    CpusetCpus: inputs["cpuSet"],
    ShmSize: bytes(inputs["shmSize"]),
    CapAdd: strings(powers["adds"]),
    CapDrop: strings(powers["drops"]),
    Privileged: inputs["privileged"],
    SecurityOpt: strings(inputs["securityOpts"]),
    GroupAdd: strings(inputs["groupAdds"]),
    Sysctls: inputs["sysctls"],
    LogConfig:
      logDriver === undefined ? undefined : { Type: String(logDriver), Config: logOpts ?? {} },
  }) as HostConfig;
}

function restartPolicy({ restart, maxRetryCount }: PlainMap) {
  return {
    Name: restart === undefined ? "no" : String(restart),
    MaximumRetryCount: typeof maxRetryCount === "number" ? maxRetryCount : 0,
  };
}

function portKey({ internal, protocol }: PlainMap): string {
  return `${internal}/${protocol ?? "tcp"}`;
}

/** A port without an external one gets a free one from the daemon. */
function portBindings(ports: readonly PlainMap[]): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const port of ports) {
    const binding = { HostIp: port["ip"] ?? "", HostPort: String(port["external"] ?? "") };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
}

function bind({ volumeName, hostPath, containerPath, readOnly }: PlainMap): string {
  return `${hostPath || volumeName}:${containerPath}:${readOnly === true ? "ro" : "rw"}`;
}

function mount({ type, target, source, readOnly }: PlainMap): object {
  return given({ Type: type, Target: target, Source: source, ReadOnly: readOnly });
}

function healthcheck(value: Plain | undefined): object | undefined {
  if (!isPlainMap(value)) return undefined;
  const { tests, interval, timeout, startPeriod, retries } = value;
  return given({
    Test: strings(tests),
    Interval: nanoseconds(interval),
    Timeout: nanoseconds(timeout),
    StartPeriod: nanoseconds(startPeriod),
    Retries: retries,
  });
}

/** The schema counts in mebibytes, the daemon in bytes. */
function bytes(mebibytes: Plain | undefined): number | undefined {
  if (typeof mebibytes !== "number") return undefined;
  return mebibytes < 0 ? mebibytes : mebibytes * 1024 * 1024;
}

function maps(value: Plain | undefined): PlainMap[] {
  return Array.isArray(value) ? value.filter(isPlainMap) : [];
}

function strings(value: Plain | undefined): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The object without what is undefined. */
function given(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
