/** @module Writes the committed configuration of a stack, whole or not at all. */
import { join } from "node:path";
import { stringify } from "yaml";
import { makeFile, replaceFile } from "../../locks/whole-file.ts";
import { inputError } from "../exit-codes.ts";
import type { StackAnswers } from "./stack-answers.ts";

/** The file's name. @throws {CliError} `invalid_input`: a name that Pulumi would not take. */
export function stackFileName(stack: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(stack)) {
    throw inputError(
      "invalid_input",
      `"${stack}" is no name for a stack`,
      "Letters, digits, - _ .",
    );
  }
  return `Pulumi.${stack}.yaml`;
}

/**
 * Writes `Pulumi.STACK.yaml`.
 *
 * @param overwrite Take the place of a file that is there.
 * @throws {CliError} `config_exists`: there is one.
 */
export function writeStackFile(
  projectDir: string,
  stack: string,
  answers: StackAnswers,
  overwrite: boolean,
): void {
  const name = stackFileName(stack);
  const path = join(projectDir, name);
  const write = overwrite ? replaceFile : makeFile;
  try {
    write(path, stringify({ config: configOf(answers) }), { mode: 0o644 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw inputError(
      "config_exists",
      `${name} is there already`,
      `Give --yes to write over it, another --stack, or only --stack ${stack} to use it as it is.`,
    );
  }
}

function configOf(answers: StackAnswers) {
  const { tenant, domain, connectionName: name, scopes, loginConnections, clientName } = answers;
  const { service } = answers;
  const own = {
    tenant,
    connectionName: service === undefined ? name : undefined,
    clientName,
    scopes: scopes.length > 0 && service === undefined ? scopes : undefined,
    service: service && { name, ...service, scopes },
    loginConnections: loginConnections.length > 0 ? loginConnections : undefined,
    helpdesk: helpdeskOf(answers),
  };
  const set = Object.entries(own).filter(([, value]) => value !== undefined);
  return {
    ...(domain === undefined ? {} : { "auth0:domain": domain }),
    ...Object.fromEntries(set.map(([key, value]) => [`token-vault-kit:${key}`, value])),
  };
}

function helpdeskOf({ helpdeskUrl, helpdeskPort }: StackAnswers) {
  if (helpdeskUrl !== undefined) return { mode: "external", url: helpdeskUrl };
  return helpdeskPort === undefined ? undefined : { mode: "process", port: helpdeskPort };
}
