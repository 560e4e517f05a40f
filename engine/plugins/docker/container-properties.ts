/** @module The properties of docker:index/container:Container that the kit's plugin has. */

import {
  block,
  blocks,
  duration,
  flag,
  labels,
  number,
  type Properties,
  text,
  textMap,
  textSet,
  texts,
} from "./property.ts";

/** Names and defaults are those of the schema of `@pulumi/docker` 5.2.0. */
export const containerProperties: Properties = {
  name: text({ computed: true }),
  image: text({ required: true }),
  command: texts({ computed: true }),
  entrypoints: texts({ computed: true }),
  envs: textSet({ computed: true }),
  user: text({ computed: true }),
  workingDir: text({ computed: true }),
  hostname: text({ computed: true }),
  domainname: text(),
  labels: labels(),

  ports: blocks({
    internal: number({ required: true }),
    external: number(),
    ip: text({ default: "0.0.0.0" }),
    protocol: text({ default: "tcp" }),
  }),
  publishAllPorts: flag(),
  networkMode: text({ computed: true }),
  networksAdvanced: blocks({
    name: text({ required: true }),
    aliases: textSet(),
    ipv4Address: text(),
    ipv6Address: text(),
  }),
  hosts: blocks({ host: text({ required: true }), ip: text({ required: true }) }),
  dns: textSet(),
  dnsOpts: textSet(),
  dnsSearches: textSet(),

  volumes: blocks({
    containerPath: text(),
    volumeName: text(),
    hostPath: text(),
    readOnly: flag(),
  }),
  mounts: blocks({
    type: text({ required: true, choices: ["bind", "volume", "tmpfs"] }),
    target: text({ required: true }),
    source: text(),
    readOnly: flag(),
  }),
  tmpfs: textMap(),
  readOnly: flag(),

  healthcheck: block(
    {
      tests: texts({ required: true }),
      interval: duration(),
      timeout: duration(),
      startPeriod: duration(),
      retries: number(),
    },
    { computed: true },
  ),
  restart: text({
    default: "no",
    inPlace: true,
    choices: ["no", "on-failure", "always", "unless-stopped"],
  }),
  maxRetryCount: number({ inPlace: true }),
  init: flag({ computed: true }),
  stopSignal: text({ computed: true }),
  stopTimeout: number({ computed: true }),

  memory: number(),
  memorySwap: number({ computed: true }),
  cpuShares: number(),
  cpuSet: text(),
  shmSize: number({ computed: true }),
  capabilities: block({ adds: textSet(), drops: textSet() }),
  privileged: flag(),
  securityOpts: textSet({ computed: true }),
  groupAdds: textSet(),
  sysctls: textMap(),
  logDriver: text({ computed: true }),
  logOpts: textMap(),

  // What the plugin itself goes by: the daemon never hears of these.
  start: flag({ default: true, inPlace: true }),
  mustRun: flag({ default: true, inPlace: true }),
  wait: flag({ inPlace: true }),
  waitTimeout: number({ default: 60, inPlace: true }),
  destroyGraceSeconds: number({ inPlace: true }),
  removeVolumes: flag({ default: true, inPlace: true }),

  exitCode: number({ readOnly: true }),
  networkDatas: blocks({}, { readOnly: true }),
};

/** Properties of the schema that only the official plugin has. */
export const otherContainerProperties: readonly string[] = [
  ...["attach", "cgroupParent", "cgroupnsMode", "containerReadRefreshTimeoutMilliseconds"],
  ...["cpuPeriod", "cpuQuota", "cpus", "deviceCgroupRules", "deviceReadBps", "deviceReadIops"],
  ...["deviceRequests", "deviceWriteBps", "deviceWriteIops", "devices", "gpus", "ipcMode", "logs"],
  ...["memoryReservation", "pidMode", "platform", "rm", "runtime", "stdinOpen", "storageOpts"],
  ...["tty", "ulimits", "uploads", "usernsMode"],
];
