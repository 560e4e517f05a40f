/** @module Brings the objects of a tenant under a stack: its configuration follows them, and its state knows them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { AdoptionError } from "../../adoption/adoption-error.ts";
import { builtInsOf } from "../../adoption/built-ins.ts";
import { type Differences, differences, type Kept } from "../../adoption/differences.ts";
import { type ExistingObjects, existingObjects } from "../../adoption/existing-objects.ts";
import { filled, type ImportEntry } from "../../adoption/import-file.ts";
import { configOf, providerSecret, secretKey } from "../../adoption/stack-config.ts";
import { overriding } from "../../engine/environment.ts";
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { committedConfig, configured } from "../../engine/stack-config.ts";
import { replaceFile } from "../../locks/whole-file.ts";
import type { EnvironmentRun } from "../environment/environment-run.ts";
import { type OpenStack, openStack } from "./stack.ts";
import { engineFailure } from "./stack-args.ts";
import { stackTenant } from "./stack-tenant.ts";

/** What to adopt, where the tenant has several. */
export interface ImportWish {
  readonly stack: string;
  readonly connection: string | undefined;
  readonly client: string | undefined;
  readonly dryRun: boolean;
}

/** What was found, and what became of it. */
export interface Imported {
  readonly found: Readonly<Record<string, string | null>>;
  /** The configuration that was written, or would be. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the resources that the state knows now; empty after a dry run. */
  readonly adopted: readonly string[];
  /** Names of resources that the tenant has not: the next `up` makes them. */
  readonly missing: readonly string[];
  /** In what the objects differ from what the components would declare. */
  readonly kept: Kept;
}

const quiet = ["--non-interactive"];
/** A difference may show only when another is gone. */
const maxRounds = 4;

/**
 * Adopts the objects. Sends only reads to the tenant: no object is changed.
 *
 * @throws {AdoptionError} What is meant can't be told, or a preview would still change something.
 */
export async function importObjects(
  run: Omit<EnvironmentRun, "from">,
  wish: ImportWish,
): Promise<Imported> {
  const file = committedConfig(run.projectDir, wish.stack);
  const tenant = await stackTenant({ ...run, from: wish.stack });
  const builtIns = builtInsOf(configured(run.projectDir, wish.stack));
  const objects = await existingObjects(managementOf(tenant), {
    ...wish,
    domain: tenant.domain,
    builtIns,
  });
  const config = configOf(objects);
  const about = { found: foundIds(objects), config };
  if (wish.dryRun) return { ...about, adopted: [], missing: [], kept: {} };

  setConfig(file, config);
  const stack = await openStack({ ...run, stack: wish.stack });
  setSecret(run.projectDir, stack, secretKey(objects), providerSecret(objects));
  const work = mkdtempSync(join(tmpdir(), "tvk-import-"));
  try {
    const declared = join(work, "declared.json");
    await succeeds(stack, ["preview", "--import-file", declared, ...quiet]);
    const { resources = [] } = JSON.parse(readFileSync(declared, "utf8")) as {
      resources?: ImportEntry[];
    };
    const { entries, missing } = filled(resources, objects);
    const list = join(work, "import.json");
    writeFileSync(list, JSON.stringify({ resources: entries }));
    const flags = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
    await succeeds(stack, ["import", "--file", list, ...flags, ...quiet]);
    const kept = await converge(run, wish.stack, file, missing);
    return {
      ...about,
      adopted: entries.filter(({ id }) => id).map(({ name }) => name),
      missing,
      kept,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes down in what the objects differ until a preview shows no change. */
async function converge(
  run: Omit<EnvironmentRun, "from">,
  name: string,
  file: string,
  missing: readonly string[],
): Promise<Kept> {
  const kept: Kept = {};
  for (let round = 0; ; round++) {
    // Opened anew: what is rendered follows the committed file then.
    const stack = await openStack({ ...run, stack: name });
    const { exitCode, stdout, stderr } = await stack.pulumi(
      ["preview", "--json", ...quiet],
      "collect",
    );
    if (exitCode !== 0) throw notAdopted(`the preview ended with ${exitCode}: ${stderr || stdout}`);
    const found = differences(stdout, missing);
    const more = Object.keys(found.kept).length > 0;
    if (!more && found.others.length + found.secrets.length === 0) return kept;
    if (!more || round === maxRounds) throw notAdopted(inWords(found));
    for (const [resource, values] of Object.entries(found.kept)) {
      const before = kept[resource] ?? {};
      // What is not there gets the provider's default, where it has one; an empty text does not.
      const again = Object.keys(values).filter((path) => before[path] === null);
      kept[resource] = {
        ...before,
        ...values,
        ...Object.fromEntries(again.map((path) => [path, ""])),
      };
    }
    setConfig(file, { adopted: kept });
  }
}

function inWords({ kept, secrets, others }: Differences): string {
  const lines = [
    ...others,
    ...secrets.map((each) => `another secret in ${each}`),
    ...Object.entries(kept).map(([name, values]) => `${name}: ${Object.keys(values).join(", ")}`),
  ];
  return `the preview still shows changes:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function notAdopted(message: string): AdoptionError {
  return new AdoptionError(
    "not_adopted",
    message,
    "Nothing in the tenant was changed. `tvk preview` shows the whole; run tvk import again when it is mended.",
  );
}

async function succeeds(stack: OpenStack, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await stack.pulumi(args, "collect");
  if (exitCode === 0) return;
  process.stderr.write(`${stdout}\n${stderr}\n`);
  throw engineFailure(args[0] ?? "", exitCode);
}

/** Sets keys of the committed configuration, removes those that are undefined; what else stands there, comments too, stays. */
function setConfig(file: string, keys: Readonly<Record<string, unknown>>): void {
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
  for (const [key, value] of Object.entries(keys)) {
    const path = ["config", `token-vault-kit:${key}`];
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  replaceFile(file, document.toString(), { mode: 0o644 });
}

/** The engine reads it from its standard input: a secret is never a word of a command line. */
function setSecret(cwd: string, stack: OpenStack, key: string, secret: string | undefined): void {
  if (secret === undefined) {
    throw new AdoptionError(
      "secret_hidden",
      "the tenant does not tell the connection's client secret",
      "Grant the Management application read:connections_options and run again.",
    );
  }
  const env: NodeJS.ProcessEnv = { ...process.env, ...stack.environment };
  if (stack.tenant !== undefined) for (const name of overriding) delete env[name];
  const args = ["config", "set", "--secret", key, "--stack", stack.stack];
  const { status, stderr } = spawnSync(stack.engine.pulumi, args, { cwd, env, input: secret });
  if (status !== 0) throw new Error(`the secret could not be kept: ${String(stderr).trim()}`);
}

function foundIds(objects: ExistingObjects): Record<string, string | null> {
  const { connection, client, grantId, myAccountApiId } = objects;
  return {
    connection: `${String(connection["name"])} (${String(connection["id"])})`,
    client: `${String(client["name"])} (${String(client["client_id"])})`,
    clientGrant: grantId ?? null,
    myAccountApi: myAccountApiId ?? null,
  };
}
