/** @module What a service is: the command, what it is given, and how it is known to be ready. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { z } from "zod";
import { type PublicUrlApi, publicUrlApis } from "./public-url.ts";
import { ServiceError } from "./service-error.ts";

/**
 * A service as whoever needs it describes it. `{port}` in the command, in `ready.url` and in
 * `publicUrl` stands for a port that is free when the service starts.
 */
export interface ServiceSpec {
  /** Letters, digits, `.`, `_` and `-`: it names the files of the service. */
  readonly name: string;
  /** Program and arguments, visible to all in a process list. `node` is the Node that runs us. */
  readonly command: readonly string[];
  /** Folder to start in. A relative one is taken from the caller's. */
  readonly cwd: string;
  /** Added to the little that a service inherits. Secrets go here and nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * A GET of `url` that gives a 2xx means ready; `caFile` is the authority to trust, PEM. `through`
   * is for a tunnel: what answers there is not the service itself but what it leads to.
   */
  readonly ready: { readonly url: string; readonly caFile?: string; readonly through?: boolean };
  /**
   * Where others reach the service, if not at the origin of `ready.url`: the URL itself, or the local
   * API of a tunnel's agent that tells it.
   */
  readonly publicUrl?: string | PublicUrlApi;
  /** Which run of the service is meant. Default: whichever runs; a new name for a new one. */
  readonly instance?: string;
  /** How long the start may take, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
}

/** What {@link ServiceSpec} names, without saying how it is started. */
export interface ServiceName {
  readonly name: string;
  readonly instance?: string;
}

const text = z.string().min(1);
const webUrl = z
  .string()
  .refine(
    (url) => /^https?:/.test(url) && URL.canParse(url.replace("{port}", "1")),
    "is no http or https URL",
  );
const nameSchema = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "takes letters, digits, . _ and -, at most 100"),
  instance: text.optional(),
});
const specSchema = nameSchema.extend({
  command: z.array(z.string()).min(1).readonly(),
  cwd: text,
  env: z.record(text, z.string()).readonly(),
  ready: z.strictObject({
    url: webUrl,
    caFile: text.optional(),
    through: z.boolean().optional(),
  }),
  publicUrl: z
    .union([webUrl, z.strictObject({ api: z.enum(publicUrlApis), url: webUrl })])
    .optional(),
  timeoutMs: z.number().int().positive().optional(),
});

/**
 * Checks a spec that came from outside.
 *
 * @throws {ServiceError} `SPEC_WRONG`: every wrong field, without the values; the caller's.
 */
export function readServiceSpec(value: unknown): ServiceSpec {
  return checked(specSchema.strict().safeParse(value)) as ServiceSpec;
}

/** As {@link readServiceSpec}, for a caller that only names a service; further fields are ignored. */
export function readServiceName(value: unknown): ServiceName {
  return checked(nameSchema.safeParse(value)) as ServiceName;
}

/** One text for all that makes a running process fit a spec: any change of it calls for a new one. */
export function specHash(spec: ServiceSpec): string {
  const { command, env, ready } = spec;
  const sorted = Object.entries(env).sort(([one], [other]) => (one < other ? -1 : 1));
  const parts: unknown[] = [command, resolve(spec.cwd), sorted, ready.url, ready.caFile ?? null];
  if (spec.publicUrl !== undefined) parts.push(spec.publicUrl);
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function checked<Value>(result: z.ZodSafeParseResult<Value>): Value {
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "spec"}: ${message}`,
  );
  throw new ServiceError(
    "SPEC_WRONG",
    `the service's description is wrong: ${problems.join("; ")}`,
    "Mend the named fields; services/service-spec.ts says what each takes.",
  );
}
