/** @module A profile for `tvk login` and its kin, made from a stack's outputs. */
import { z } from "zod";
import type { OpenStack } from "../stack/stack.ts";
import { saveProfile } from "./profiles.ts";

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
async function stackOutputs(stack: OpenStack): Promise<StackOutputs> {
  const outputs = (await stack.outputs()) ?? {};
  const parsed = outputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  if (Object.keys(outputs).length === 0) throw new StackNotUpError(stack.stack);
  const wrong = new Set(parsed.error.issues.map(({ path }) => `"${String(path[0])}"`));
  throw new OutputsMissingError(stack.stack, [...wrong]);
}

/** Makes or renews the profile of the stack's name, and makes it the current one. */
export async function saveStackProfile(stack: OpenStack): Promise<StackOutputs> {
  const outputs = await stackOutputs(stack);
  await saveProfile(stack.stack, {
    domain: outputs.domain,
    clientId: outputs.clientId,
    clientSecret: outputs.clientSecret,
    local: outputs.tenant === "local",
    connection: outputs.connectionName,
    stack: stack.stack,
    ...apiUrlOf(outputs),
    allowedDomains: outputs.allowedDomains,
    ...(stack.tenant === undefined ? {} : { caFile: stack.tenant.caFile }),
  });
  return outputs;
}

/** The program's own, else the helpdesk's, whose API is known. */
function apiUrlOf({ apiUrl, helpdeskUrl }: StackOutputs): { apiUrl?: string } {
  if (apiUrl !== undefined) return { apiUrl };
  return helpdeskUrl === undefined ? {} : { apiUrl: `${helpdeskUrl}/tickets?limit=1` };
}
