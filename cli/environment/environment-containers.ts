/** @module What an environment whose state is gone left on this machine's Docker daemon. */
import { existsSync } from "node:fs";
import type { MarkedOnDaemon } from "../../engine/plugins/docker/marked-objects.ts";
import { stackMark } from "../../engine/recovery/marked-objects.ts";
import { committedConfig } from "../../engine/stack-config.ts";
import { environmentHere } from "../../environments/environment-files.ts";
import { removeMarkedOnDaemon } from "../stack/stack-sweep.ts";
import type { StackTenant } from "../stack/stack-tenant.ts";

/** Whose daemon is asked. */
interface DaemonRun {
  readonly projectDir: string;
  /** The stack that the environment is like. */
  readonly from: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Removes the containers, volumes and images that an environment left on this machine's Docker daemon, where
 * its state is gone: a runner that is used again. By its mark and its tenant; of an image, by its container.
 * None where this machine has a stack of that name, another owner's or a committed one: they may be that one's.
 *
 * @returns What was removed, in words.
 */
export async function removeContainers(
  { projectDir, from, env }: DaemonRun,
  { project, domain }: StackTenant,
  name: string,
): Promise<string[]> {
  const isHere = environmentHere(projectDir, name) !== undefined;
  if (isHere || existsSync(committedConfig(projectDir, name))) return [];
  const ofTenant = ({ labels }: MarkedOnDaemon) => labels["tvk_tenant"] === domain;
  return removeMarkedOnDaemon(projectDir, from, env, stackMark(project, name), (each, all) =>
    each.kind === "image"
      ? all.some((other) => other.image === each.id && ofTenant(other))
      : ofTenant(each),
  );
}
