/** @module Puts the kit's own provider plugins into a private PULUMI_HOME. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { ifThere } from "../../locks/if-there.ts";
import { makeFileOnce, replaceFile } from "../../locks/whole-file.ts";
import { cacheDir as userCacheDir } from "../cache.ts";
import { pluginVersions } from "../versions.ts";
import { bundlePlugin } from "./bundle.ts";

export type PluginName = keyof typeof pluginVersions;

/** A shim that an engine started before an upgrade may still be on its way to the older bundle: milliseconds. */
const keptMs = 3_600_000;

/** Every plugin there is. */
const pluginNames: readonly PluginName[] = ["auth0", "command", "docker"];

/**
 * Installs plugins where the engine looks for them: `HOME/plugins/resource-NAME-vVERSION/`.
 *
 * A plugin that is in place already is left alone. A newer one takes over in one rename: an engine that
 * starts meanwhile runs the one or the other, whole.
 *
 * @param home A PULUMI_HOME of the kit's own, never the user's: these plugins must not stand in for the
 *   official ones elsewhere.
 * @param cacheDir Where bundles are kept between installs, by default in the user's cache folder.
 */
export async function installPlugins(
  home: string,
  names: readonly PluginName[] = pluginNames,
  cacheDir: string = join(userCacheDir(process.env), "plugins"),
): Promise<void> {
  for (const name of names) {
    const { file, hash } = await bundlePlugin(name, cacheDir);
    place(join(home, "plugins", `resource-${name}-v${pluginVersions[name]}`), name, file, hash);
  }
}

function place(dir: string, name: string, bundle: string, hash: string): void {
  const script = `plugin-${hash}.mjs`;
  const text = shim(process.execPath, script);
  const shimFile = join(dir, `pulumi-resource-${name}`);
  mkdirSync(dir, { recursive: true });
  if (!existsSync(join(dir, script))) {
    makeFileOnce(join(dir, script), readFileSync(bundle), { mode: 0o644 });
  }
  const older = readdirSync(dir)
    .filter((each) => /^plugin-.*\.mjs$/.test(each) && each !== script)
    .map((each) => join(dir, each));
  if (!existsSync(shimFile) || readFileSync(shimFile, "utf8") !== text) {
    const now = new Date();
    // Another install may have been quicker and have removed one.
    for (const each of older) ifThere(() => utimesSync(each, now, now));
    replaceFile(shimFile, text, { mode: 0o755 });
  }
  for (const each of older) {
    const seen = statSync(each, { throwIfNoEntry: false });
    if (seen !== undefined && Date.now() - seen.mtimeMs > keptMs) rmSync(each, { force: true });
  }
}

/**
 * The executable that the engine starts. It runs the Node that installed it, or one on PATH where that is
 * gone. NODE_OPTIONS is meant for the program that the engine runs, not for its plugins.
 */
function shim(node: string, script: string): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
node=${quoted}
[ -x "$node" ] || node=node
unset NODE_OPTIONS
exec "$node" "\${0%/*}/${script}" "$@"
`;
}
