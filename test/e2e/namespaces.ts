/** A command that sees another machine than we do: mounts and network of its own (Linux namespaces). */
import { spawnSync } from "node:child_process";

/** Whether this user may make them. */
export function mayUnshare(): boolean {
  return spawnSync("unshare", [...flags(true), "true"]).status === 0;
}

/**
 * The words of a command that runs `words` after `setup`, in namespaces of its own: what `setup` mounts or
 * takes away is there for nobody else, and gone with the command.
 *
 * @param net A network of its own too: it has a loopback that is down, and nothing else.
 * @param setup Shell; a failure of it ends the command with exit code 99.
 */
export function inNamespaces(setup: string, words: readonly string[], net = false): string[] {
  const script = `{ ${setup}; } || exit 99; exec "$@"`;
  return ["unshare", ...flags(net), "sh", "-c", script, "sh", ...words];
}

function flags(net: boolean): string[] {
  // Who is not root becomes it in a user namespace, where the system lets them.
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  return [...user, "--mount", ...(net ? ["--net"] : [])];
}
