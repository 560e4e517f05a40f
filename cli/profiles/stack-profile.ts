/** @module A profile for `tvk login` and its kin, made from a stack's outputs. */
import { z } from "zod";
import { say } from "../output.ts";
import type { OpenStack } from "../stack/stack.ts";
import {
  isOfClient,
  isOfPlace,
  nameFor,
  type ProfileClient,
  type StackPlace,
} from "./profile-name.ts";
import { type ProfilesFile, readProfiles, removeProfiles, saveProfile } from "./profiles.ts";

/** What the program exports (index.ts); the CLI stands on nothing else of a stack. */
const outputsSchema = z.object({
  tenant: z.enum(["local", "cloud"]),
  domain: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  connectionName: z.string(),
  scopes: z.array(z.string()),
  /** Only where the stack's API is the helpdesk. */
  helpdeskUrl: z.string().optional(),
  /** A GET that needs a token and changes nothing. */
  apiUrl: z.string().optional(),
  allowedDomains: z.array(z.string()),
});

/** The outputs of a stack that is up. */
export type StackOutputs = z.infer<typeof outputsSchema>;

/** Thrown when a stack has no outputs at all. */
class StackNotUpError extends Error {
  readonly code = "STACK_NOT_UP";
  readonly hint: string;
  constructor(stack: string) {
    super(`the stack "${stack}" is not up`);
    this.name = "StackNotUpError";
    this.hint = `Run \`tvk up --stack ${stack}\`.`;
  }
}

/** Thrown when a program of somebody's own does not export what a profile is made of. */
class OutputsMissingError extends Error {
  readonly code = "OUTPUTS_MISSING";
  readonly hint = "Export them from the program: docs/components.md has each.";
  constructor(stack: string, names: readonly string[]) {
    super(
      `the stack "${stack}" is up, and no profile can be made of it: it lacks ${names.join(", ")}`,
    );
    this.name = "OutputsMissingError";
  }
}

/** The outputs of a stack. @throws {StackNotUpError} `STACK_NOT_UP` @throws {OutputsMissingError} `OUTPUTS_MISSING` */
async function stackOutputs(stack: ProfiledStack): Promise<StackOutputs> {
  const outputs = (await stack.outputs()) ?? {};
  const parsed = outputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  if (Object.keys(outputs).length === 0) throw new StackNotUpError(stack.stack);
  const wrong = new Set(parsed.error.issues.map(({ path }) => `"${String(path[0])}"`));
  throw new OutputsMissingError(stack.stack, [...wrong]);
}

/** The outputs without the secret, which the profile keeps: these may be printed. */
export type ShownOutputs = Omit<StackOutputs, "clientSecret">;

/** What a profile is made from. */
type ProfiledStack = StackPlace & Pick<OpenStack, "tenant" | "outputs">;

/**
 * Makes or renews the stack's profile, and makes it the current one. It has the stack's name; where another
 * project has that one, it is saved beside it.
 */
export async function saveStackProfile(
  stack: ProfiledStack,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ profile: string; outputs: ShownOutputs }> {
  const outputs = await stackOutputs(stack);
  let isNew = false;
  const choose = (file: ProfilesFile) => {
    const name = nameFor(file, stack, outputs);
    isNew = !Object.hasOwn(file.profiles, name);
    return name;
  };
  const settings = {
    domain: outputs.domain,
    clientId: outputs.clientId,
    clientSecret: outputs.clientSecret,
    local: outputs.tenant === "local",
    connection: outputs.connectionName,
    stack: stack.stack,
    projectDir: stack.projectDir,
    ...apiUrlOf(outputs),
    allowedDomains: outputs.allowedDomains,
    ...(stack.tenant === undefined ? {} : { caFile: stack.tenant.caFile }),
  };
  const profile = await saveProfile(choose, settings, env);
  if (isNew && profile !== stack.stack) {
    say(`The profile "${stack.stack}" is another project's and stays; this one is "${profile}".`);
  }
  const { clientSecret: _, ...shown } = outputs;
  return { profile, outputs: shown };
}

/** The name of the stack's profile; where it has none yet, the one that it would have. */
export function profileOfStack(place: StackPlace, env: NodeJS.ProcessEnv = process.env): string {
  return nameFor(readProfiles(env), place);
}

/**
 * `tvk` as it is typed for a profile. To a cloud stack's run the AUTH0_ variables are the Management
 * application, which nobody signs in with: the profile's name beats them.
 */
export function typedFor(profile: string, { tenant }: Pick<OpenStack, "tenant">): string {
  return tenant === undefined ? `tvk --profile ${profile}` : "tvk";
}

/** Whose profile goes. */
export interface GoneStack {
  /** The stack that has saved it. */
  readonly place?: StackPlace;
  /** The client that is gone, where it is known. */
  readonly client?: ProfileClient | undefined;
}

/** Removes the profile of a stack that is gone, and no other of its name. */
export async function removeStackProfile(
  { place, client }: GoneStack,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  await removeProfiles(
    (each) =>
      (place !== undefined && isOfPlace(each, place)) ||
      (client !== undefined && isOfClient(each, client)),
    env,
  );
}

/** The client that a stack has now, to be remembered before it goes. Undefined where it is not up. */
export async function clientOf(
  stack: Pick<OpenStack, "outputs">,
): Promise<ProfileClient | undefined> {
  const { domain, clientId } = (await stack.outputs()) ?? {};
  return typeof domain === "string" && typeof clientId === "string"
    ? { domain, clientId }
    : undefined;
}

/** The program's own, else the helpdesk's, whose API is known. */
function apiUrlOf({ apiUrl, helpdeskUrl }: StackOutputs): { apiUrl?: string } {
  if (apiUrl !== undefined) return { apiUrl };
  return helpdeskUrl === undefined ? {} : { apiUrl: `${helpdeskUrl}/tickets?limit=1` };
}
