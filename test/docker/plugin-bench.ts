/** @module Our docker plugin on a daemon of a test file's own, as the engine talks to it. */
import { dockerPlugin } from "../../engine/plugins/docker/plugin.ts";
import type { PropertyMap } from "../../engine/plugins/protocol/value.ts";
import {
  openPlugin,
  type PluginClient,
  type ResourceClient,
  type StateEntry,
} from "../engine/plugins/plugin-client.ts";
import { importNodeImage } from "./node-image.ts";
import { type PrivateDaemon, privateDaemon } from "./private-daemon.ts";

/** A command that does nothing and does not end. */
export const idle = ["node", "-e", "setInterval(() => {}, 1000)"];

export interface PluginBench {
  readonly daemon: PrivateDaemon;
  readonly plugin: PluginClient;
  /** Each call is the one resource of its kind. */
  containers(): ResourceClient;
  networks(): ResourceClient;
  volumes(): ResourceClient;
  images(): ResourceClient;
  /** Checks and creates; {@link clear} deletes. */
  make(resource: ResourceClient, program: PropertyMap): Promise<StateEntry>;
  /** Has another entry deleted in the place of all that were made. */
  keep(resource: ResourceClient, entry: StateEntry): void;
  /** Deletes what was made, the last first. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a daemon with the one image that can be had, and serves the plugin. */
export async function pluginBench(): Promise<PluginBench> {
  const daemon = await privateDaemon();
  await importNodeImage(daemon.docker);
  const plugin = await openPlugin(dockerPlugin({ env: {}, parentAlive: () => true }));
  await plugin.configure({ host: daemon.host });
  const made: { resource: ResourceClient; entry: StateEntry }[] = [];
  return {
    daemon,
    plugin,
    containers: () => plugin.resource("docker:index/container:Container", "box"),
    networks: () => plugin.resource("docker:index/network:Network", "net"),
    volumes: () => plugin.resource("docker:index/volume:Volume", "data"),
    images: () => plugin.resource("docker:index/image:Image", "img"),
    async make(resource, program) {
      const entry = await resource.make(program);
      made.push({ resource, entry });
      return entry;
    },
    keep(resource, entry) {
      made.splice(0, made.length, { resource, entry });
    },
    async clear() {
      for (const { resource, entry } of made.splice(0).reverse()) await resource.delete(entry);
    },
    async close() {
      plugin.close();
      await daemon.close();
    },
  };
}
