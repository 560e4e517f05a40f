/** @module What `tvk dev` keeps alive while it runs: the tenant, and every service that the stack has started. */
import { join } from "node:path";
import { z } from "zod";
import { readServiceSpec, type ServiceSpec } from "../../services/service-spec.ts";
import { watchServices } from "../../services/watch.ts";
import { say } from "../output.ts";
import type { OpenStack } from "../stack/stack.ts";
import { keptTenantSpec } from "../tenant/local-tenant.ts";

/** How Pulumi writes a secret into an export in which secrets are shown: its plain text is JSON. */
const secretSchema = z.object({ plaintext: z.string() });

const exportSchema = z.object({
  deployment: z.object({
    resources: z
      .array(z.object({ inputs: z.record(z.string(), z.unknown()).optional() }))
      .nullish(),
  }),
});

/** Lines of a failed run that are shown. */
const shownLines = 12;

/**
 * Starts again what dies, until the signal, with one line on standard error for each.
 *
 * A service that has come to another address calls for an `up`: the tenant must learn of it.
 */
export async function keepServices(
  stack: OpenStack,
  projectDir: string,
  signal: AbortSignal,
): Promise<void> {
  await watchServices(join(projectDir, ".tvk", "services"), {
    specs: () => runningSpecs(stack, projectDir),
    note: say,
    moved: () => upAgain(stack),
    signal,
  });
}

async function runningSpecs(stack: OpenStack, projectDir: string): Promise<ServiceSpec[]> {
  const tenant = stack.tenant && keptTenantSpec(projectDir, stack.tenant.environment);
  return [...(tenant === undefined ? [] : [tenant]), ...(await stackServices(stack))];
}

/**
 * The services that the stack's state describes, secrets included: a `Command` gives the supervisor
 * its description in `TVK_SERVICE` (components/helpdesk.ts). The state has it encrypted, and nothing
 * else on the disk has it at all.
 */
async function stackServices(stack: OpenStack): Promise<ServiceSpec[]> {
  const { exitCode, stdout, stderr } = await stack.pulumi(
    ["stack", "export", "--show-secrets"],
    "collect",
  );
  if (exitCode !== 0) throw new Error(`the stack's state can't be read: ${stderr.trim()}`);
  const { deployment } = exportSchema.parse(JSON.parse(stdout));
  return (deployment.resources ?? []).flatMap(({ inputs }) => {
    const environment = revealed(inputs?.["environment"]);
    const text = revealed((environment as Record<string, unknown> | undefined)?.["TVK_SERVICE"]);
    return typeof text === "string" ? [readServiceSpec(parsed(text))] : [];
  });
}

/** What is no JSON is no description either; the parser's message would quote it, and it holds secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function revealed(value: unknown): unknown {
  const secret = secretSchema.safeParse(value);
  return secret.success ? JSON.parse(secret.data.plaintext) : value;
}

async function upAgain(stack: OpenStack): Promise<void> {
  const { exitCode, stdout, stderr } = await stack.pulumi(
    ["up", "--yes", "--skip-preview", "--non-interactive"],
    "collect",
  );
  if (exitCode === 0) return say(`The stack "${stack.stack}" is brought up to date.`);
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  throw new Error(
    `the stack "${stack.stack}" could not be brought up to date (exit ${exitCode}):\n${lines.slice(-shownLines).join("\n")}\nMend what it names and run tvk up in another terminal.`,
  );
}
