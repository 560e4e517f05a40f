/** @module One run of a stack in the user's own backend, with the official plugins: after what a killed run left is settled. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExportedState, nameOf, operationsOf, resourcesOf } from "./exported-state.ts";
import type { EngineResult } from "./guarded-stack.ts";
import { type LookUp, type Marked, settledCreates } from "./pending-creates.ts";
import { RecoveryError } from "./recovery-error.ts";
import { runKind, wordsOf } from "./run-kind.ts";
import { unreadableState } from "./unreadable-state.ts";

/** A stack whose backend is the user's: nothing of it lies on this machine. */
export interface CloudStack {
  readonly stack: string;
  /** What PULUMI_BACKEND_URL says, if anything. */
  readonly backendUrl: string | undefined;
  /** Runs the engine on this stack and keeps what it says. */
  pulumi(args: readonly string[]): Promise<EngineResult>;
  /** Tells the user one line. */
  note(line: string): void;
  /** The stack's tenant. Undefined where no credentials for it are at hand. */
  tenant(): Promise<CloudTenant | undefined>;
}

/** What recovery asks a tenant. */
export interface CloudTenant {
  readonly lookUp: LookUp;
  /** The objects that bear this stack's mark. */
  marked(): Promise<readonly Marked[]>;
  /** Takes the marks of this stack off the objects of these ids. */
  unmark(ids: ReadonlySet<string>): Promise<void>;
}

/** Lines of a failed step that its error quotes. */
const quotedLines = 12;
const unasked = ["--yes", "--skip-preview", "--non-interactive"];

/**
 * Runs `work`, the engine's run with these arguments, when no create of a killed run is left open.
 *
 * The official plugins take nothing over: a create that was applied and not recorded would be made
 * twice, or fail for ever, and `destroy` would leave its object behind. So before a run that changes the
 * stack its state is looked at, and so is the tenant for objects with the stack's mark, since a plugin
 * that was killed leaves no trace in the state. Locks are others' and stay: the error offers what clears
 * them. A preview changes nothing, and is told in one line.
 *
 * @throws {RecoveryError} The run did not begin.
 */
export async function cloudRun<Result>(
  stack: CloudStack,
  args: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const kind = runKind(args);
  const [first, second] = wordsOf(args);
  // What moves a state as a whole is how a person mends one.
  if (kind === "other" || first === "state" || (first === "stack" && second !== "rm"))
    return work();
  const state = await exported(stack);
  if (state === undefined) return work();
  const creates = createsOf(state);
  if (kind === "previews") {
    if (creates.length > 0)
      stack.note(`${inWords(stack, creates)} The next up looks what became of it.`);
    return work();
  }
  if (resourcesOf(state).length === 0 && creates.length === 0) return work();
  const settled = await settle(stack, state, kind === "changes");
  const result = await work();
  await letGo(stack, settled);
  return result;
}

function createsOf(state: ExportedState): ReturnType<typeof operationsOf> {
  return operationsOf(state).filter(({ type }) => type === "creating");
}

/** The types of resources that bear marks. */
const markable = new Set(["auth0:index/client:Client", "auth0:index/connection:Connection"]);

/**
 * What the run has dropped from the state and left in the tenant, by `retainOnDelete`, is the stack's no more: it
 * loses its marks, by which a later run would take it for what a killed one had left.
 */
async function letGo(stack: CloudStack, before: ExportedState): Promise<void> {
  const retained = resourcesOf(before).filter(
    ({ type, retainOnDelete }) => retainOnDelete === true && markable.has(type),
  );
  const after = retained.length > 0 ? await exported(stack).catch(() => undefined) : undefined;
  if (after === undefined) return;
  const left = new Set(resourcesOf(after).map(({ id }) => id));
  const gone = new Map(retained.flatMap(({ id, urn }) => (id && !left.has(id) ? [[id, urn]] : [])));
  if (gone.size === 0) return;
  const names = [...gone].map(([id, urn]) => `"${nameOf(urn)}" (${id})`).join(", ");
  try {
    const tenant = await stack.tenant();
    if (tenant === undefined) throw new Error("there are no credentials for it");
    await tenant.unmark(new Set(gone.keys()));
    stack.note(`Left in the tenant, without the marks of "${stack.stack}": ${names}.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stack.note(
      `Left in the tenant, and still with the marks of "${stack.stack}": ${names} (${why}). Take tvk_stack out of its metadata, or the next destroy removes it.`,
    );
  }
}

/**
 * @param isFirst False for the second try, after another run had changed the state.
 * @returns The state that the run begins with.
 */
async function settle(
  stack: CloudStack,
  state: ExportedState,
  retains: boolean,
  isFirst = true,
): Promise<ExportedState> {
  const creates = createsOf(state);
  const tenant = await stack.tenant();
  if (tenant === undefined) {
    if (creates.length === 0) return state;
    throw new RecoveryError(
      "RECOVERY_FAILED",
      `${inWords(stack, creates)} There are no credentials to look in the tenant what became of it`,
      "Set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, as the run itself needs them, and run again.",
    );
  }
  if (creates.length > 0) stack.note(`${inWords(stack, creates)} Looking what became of it.`);
  const {
    adopted,
    dropped,
    open,
    state: settled,
  } = await settledCreates(state, tenant.lookUp, await tenant.marked(), retains);
  if (adopted.length + dropped.length + open.length === 0) return state;
  // A run that is in its last seconds looks like a killed one, and an import would undo what it wrote since.
  const now = await exported(stack);
  if (now !== undefined && JSON.stringify(now) !== JSON.stringify(state)) {
    if (isFirst) return settle(stack, now, retains, false);
    throw new RecoveryError(
      "STACK_BUSY",
      `the state of "${stack.stack}" changes while it is looked at: another run is at it`,
      "Wait for that run, and run again.",
    );
  }
  if (open.length > 0) {
    throw new RecoveryError(
      "RECOVERY_FAILED",
      `a killed run of "${stack.stack}" left what only you can decide:\n${open.map((each) => `    ${each}`).join("\n")}`,
      "Delete in the tenant what is not wanted; what is to stay there loses tvk_stack from its metadata. What a state keeps waiting for, tvk pulumi -- refresh --clear-pending-creates drops. Then run again.",
    );
  }
  await imported(stack, settled);
  // At once: until then a preview shows replaces, and the official plugin can panic on empty outputs.
  if (adopted.length > 0) await step(stack, ["refresh", ...unasked]);
  const found = adopted.map(({ urn, id }) => `"${nameOf(urn)}" is ${id}`);
  const gone = dropped.map((urn) => `"${nameOf(urn)}" was not made`);
  stack.note(
    `Settled what a killed run of "${stack.stack}" left: ${[...found, ...gone].join(", ")}.`,
  );
  return settled;
}

/**
 * Undefined where the engine can't give it: it says why when it runs.
 *
 * @throws {RecoveryError} `STATE_UNREADABLE`: it is damaged.
 */
async function exported(stack: CloudStack): Promise<ExportedState | undefined> {
  const { exitCode, stdout, stderr } = await stack.pulumi(["stack", "export", "--non-interactive"]);
  if (exitCode !== 0) {
    const damaged = unreadableState(stack.stack, stack.backendUrl, stderr);
    if (damaged !== undefined) throw damaged;
    return undefined;
  }
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

async function imported(stack: CloudStack, state: ExportedState): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-state-"));
  try {
    const file = join(dir, "state.json");
    // Its secrets are encrypted, as exported.
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await step(stack, ["stack", "import", "--non-interactive", "--file", file]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function step(stack: CloudStack, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await stack.pulumi(args);
  if (exitCode === 0) return;
  const said = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const quoted = said.slice(-quotedLines).map((line) => `    ${line}`);
  if (said.some((line) => line.includes("currently locked"))) {
    throw new RecoveryError(
      "STACK_BUSY",
      `the stack "${stack.stack}" is locked:\n${quoted.join("\n")}`,
      "Wait for that run. If you know that it is dead, run: tvk pulumi -- cancel --yes, and then this again.",
    );
  }
  throw new RecoveryError(
    "RECOVERY_FAILED",
    `what a killed run of "${stack.stack}" left could not be settled: pulumi ${args.slice(0, 2).join(" ")} ended with ${exitCode}:\n${quoted.join("\n")}`,
    "Mend what it names and run again: recovery goes on from there.",
  );
}

function inWords({ stack }: CloudStack, creates: ReturnType<typeof operationsOf>): string {
  const names = creates.map(({ resource }) => `"${nameOf(resource.urn)}"`);
  return `The last run of "${stack}" was killed while creating ${names.join(", ")}.`;
}
