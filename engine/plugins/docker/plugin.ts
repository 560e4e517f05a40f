/** @module The `docker` plugin: images, containers, networks and volumes, in the official provider's terms. */

import { pluginVersions } from "../../versions.ts";
import { type Plugin, PluginError, type Resource } from "../protocol/plugin.ts";
import { seal } from "../protocol/secrets.ts";
import { revealMap } from "../protocol/value.ts";
import { containerKind } from "./container.ts";
import { type Daemon, explained, findDaemon } from "./daemon.ts";
import { imageResource } from "./image.ts";
import { networkKind } from "./network.ts";
import { objectResource } from "./object-resource.ts";
import { volumeKind } from "./volume.ts";

export interface DockerPluginOptions {
  readonly env: { readonly [name: string]: string | undefined };
  readonly parentAlive: () => boolean;
}

/** Configuration of the official provider that names the daemon in a way that this plugin does not have. */
const unsupported = ["caMaterial", "certMaterial", "keyMaterial", "certPath", "registryAuth"];

export function dockerPlugin({ env, parentAlive }: DockerPluginOptions): Plugin {
  let found: Daemon | undefined;
  const daemon = (): Daemon => {
    found ??= findDaemon({}, env);
    return found;
  };
  const guarded = (resource: Resource) => withDaemon(resource, daemon, parentAlive);
  const resources = new Map<string, Resource>([
    ["docker:index/image:Image", guarded(imageResource(daemon))],
    ["docker:index/container:Container", guarded(objectResource(containerKind(daemon)))],
    ["docker:index/network:Network", guarded(objectResource(networkKind(daemon)))],
    ["docker:index/volume:Volume", guarded(objectResource(volumeKind(daemon)))],
  ]);
  return {
    name: "docker",
    version: pluginVersions.docker,
    checkConfig: (news) => ({
      inputs: seal(revealMap(news), [["keyMaterial"], ["registryAuth"]]),
      failures: unsupported
        .filter((key) => news[key] !== undefined && news[key] !== null)
        .map((key) => ({
          path: [key],
          reason: "is not supported by the kit's docker plugin. Set TVK_PLUGINS=official to use it",
        })),
    }),
    configure(config) {
      found = findDaemon(config, env);
    },
    resource: (type) => resources.get(type),
    invocation: () => undefined,
    cancel() {},
  };
}

/** Explains the daemon's refusals, and lets nothing begin whose engine is gone. */
function withDaemon(
  resource: Resource,
  daemon: () => Daemon,
  parentAlive: () => boolean,
): Resource {
  const during = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (!parentAlive()) throw new PluginError("the engine is gone");
    try {
      return await work();
    } catch (error) {
      throw explained(error, daemon());
    }
  };
  return {
    check: (request) => resource.check(request),
    diff: (request) => resource.diff(request),
    create: (request) => during(() => resource.create(request)),
    read: (request) => during(() => resource.read(request)),
    update: (request) => during(() => resource.update(request)),
    delete: (request) => during(() => resource.delete(request)),
  };
}
