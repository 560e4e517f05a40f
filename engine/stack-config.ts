/** @module Which file configures a stack: the committed one, or that of an environment that `tvk env create` made. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

/** Thrown when nothing configures a stack. */
class UnknownStackError extends Error {
  readonly code = "UNKNOWN_STACK";
  readonly hint: string;
  constructor(stack: string, projectDir: string) {
    super(`there is no Pulumi.${stack}.yaml in ${projectDir}, and no environment "${stack}"`);
    this.name = "UnknownStackError";
    this.hint = `Copy Pulumi.dev.yaml to Pulumi.${stack}.yaml and set its keys (Pulumi.yaml describes each), or run \`tvk env create ${stack}\`.`;
  }
}

/** The committed configuration of a stack, whether it is there or not. */
export function committedConfig(projectDir: string, stack: string): string {
  return join(projectDir, `Pulumi.${stack}.yaml`);
}

/** Folder of all environments on this machine. */
export function environmentsDir(projectDir: string): string {
  return resolve(projectDir, ".tvk", "environments");
}

/** The configuration of an environment on this machine, whether it is there or not. */
export function environmentConfig(projectDir: string, name: string): string {
  return join(environmentsDir(projectDir), name, `Pulumi.${name}.yaml`);
}

/** The file that configures a stack. @throws {UnknownStackError} `UNKNOWN_STACK`: there is none. */
export function stackConfig(projectDir: string, stack: string): string {
  const files = [committedConfig(projectDir, stack), environmentConfig(projectDir, stack)];
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new UnknownStackError(stack, projectDir);
  return found;
}

/** What a stack's file configures, by `NAMESPACE:KEY`. @throws {UnknownStackError} `UNKNOWN_STACK` */
export function configured(projectDir: string, stack: string): Readonly<Record<string, unknown>> {
  const file: unknown = parse(readFileSync(stackConfig(projectDir, stack), "utf8"));
  return (file as { config?: Record<string, unknown> } | null)?.config ?? {};
}

/** True for a stack whose configuration says `tenant: local`. @throws {UnknownStackError} `UNKNOWN_STACK` */
export function isLocal(projectDir: string, stack: string): boolean {
  return configured(projectDir, stack)["token-vault-kit:tenant"] === "local";
}

/** The name in the Pulumi.yaml of this folder. */
export function projectName(dir: string): string {
  return (parse(readFileSync(join(dir, "Pulumi.yaml"), "utf8")) as { name: string }).name;
}
