/** @module The `command` plugin: commands on this machine, in the official provider's terms. */

import { pluginVersions } from "../../versions.ts";
import { type Plugin, PluginError } from "../protocol/plugin.ts";
import { commandFailures, commandResource, run } from "./command-resource.ts";

export function commandPlugin(): Plugin {
  return {
    name: "command",
    version: pluginVersions.command,
    checkConfig: (news) => ({ inputs: news, failures: [] }),
    configure() {},
    resource: (type) => (type === "command:local:Command" ? commandResource : undefined),
    invocation: (token) =>
      token === "command:local:run"
        ? async ({ command, ...rest }) => {
            const [failure] = commandFailures(rest);
            if (failure !== undefined) {
              throw new PluginError(`command:local:run: ${failure.path[0]} ${failure.reason}`);
            }
            return { ...rest, command: command ?? "", ...(await run(command, rest, {})) };
          }
        : undefined,
    cancel() {},
  };
}
