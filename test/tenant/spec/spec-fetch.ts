/** @module A fetch that holds every answer of the tenant to Auth0's published descriptions. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { logProblems } from "./log-schemas.ts";
import { type SpecName, type SpecOperation, specDocument, specsPresent } from "./spec-documents.ts";
import { extraRequestFields, hasUndescribedBody, statusExceptions } from "./spec-exceptions.ts";

/** Which description a path belongs to, and what its paths leave out. */
const bases: readonly (readonly [SpecName, string])[] = [
  ["management", "/api/v2"],
  ["my-account", "/me/v1"],
  ["authentication", ""],
];

/** An answer, or a request that was accepted, that the description does not allow. */
class SpecViolation extends Error {
  override readonly name = "SpecViolation";
}

/**
 * Wraps a fetch: an answer with a status or a body that the operation does not have is thrown as a
 * {@link SpecViolation}, and so is an accepted JSON request that the operation would refuse. Paths
 * that no description has go through. Without the descriptions everything does, and one line says so.
 */
export function specFetch(send: typeof fetch): typeof fetch {
  if (!specsPresent) {
    sayOnce();
    return send;
  }
  return async (input, init) => {
    const request = new Request(input, init);
    const sent = await request.clone().text();
    const response = await send(input, init);
    await checkExchange(request, sent, response);
    return response;
  };
}

/** What the description has against a JSON request; undefined where it allows it or says nothing of it. */
export function requestProblem(method: string, path: string, body: unknown): string | undefined {
  if (!specsPresent) {
    sayOnce();
    return undefined;
  }
  const found = findOperation(method, path);
  if (!found) return undefined;
  try {
    const headers = new Headers({ "content-type": "application/json" });
    checkRequest(found, { headers }, JSON.stringify(body), (what) => {
      throw new SpecViolation(what);
    });
    return undefined;
  } catch (error) {
    if (error instanceof SpecViolation) return `${found.name}: ${error.message}`;
    throw error;
  }
}

/**
 * Checks one request and its answer.
 *
 * @throws {SpecViolation} What the description of the operation does not allow.
 */
export async function checkExchange(
  request: { method: string; url: string; headers: Headers },
  sent: string,
  response: Response,
): Promise<void> {
  if (!specsPresent) return sayOnce();
  const found = findOperation(request.method, new URL(request.url).pathname);
  if (!found) return;
  const { spec, pointer, name, operation } = found;
  const body = await response.clone().text();
  const fail = (what: string): never => {
    throw new SpecViolation(`${name} answered ${response.status}: ${what}`);
  };
  checkHeaders(spec, response, body, fail);
  if (spec === "management" && response.status >= 400) {
    checkManagementError(response.status, body, fail);
  }
  // An operation that this tenant lacks says so itself, and counts it.
  if (response.status === 501 && body.includes("not available on this local tenant")) return;
  // A browser's endpoint refuses with a page; the description has only its JSON.
  if (name === "GET /authorize" && response.headers.get("content-type")?.includes("html")) return;
  const general = spec === "management" ? "*" : name;
  const exception = statusExceptions.find(
    (entry) => [name, general, "any"].includes(entry.operation) && entry.status === response.status,
  );
  if (exception && exception.as === undefined) return;
  const status = String(exception?.as ?? response.status);
  if (!operation.responses[status]) return fail("the description has no such status");
  const validate = compiled(spec, `${pointer}/responses/${status}`);
  if (validate && !validate(body === "" ? undefined : JSON.parse(body))) {
    fail(`the body is not as described: ${errorsOf(validate)}\n${shortened(body)}`);
  }
  if (response.ok) checkRequest(found, request, sent, fail);
  if (response.ok && isLogs(name, request.url)) checkLogs(body, fail);
}

type Fail = (what: string) => never;

interface Found {
  spec: SpecName;
  /** JSON pointer of the operation. */
  pointer: string;
  /** `METHOD /path`, with the base of My Account. */
  name: string;
  operation: SpecOperation;
}

function checkHeaders(spec: SpecName, response: Response, body: string, fail: Fail): void {
  if (spec !== "management") return;
  const limits = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
  for (const header of limits) if (!response.headers.has(header)) fail(`no ${header} header`);
  const type = response.headers.get("content-type");
  if (body !== "" && type !== "application/json; charset=utf-8") fail(`content-type ${type}`);
}

/** The document has no schema for refusals; the contract's section 3.13 has. */
function checkManagementError(status: number, body: string, fail: Fail): void {
  const parsed = JSON.parse(body);
  const { statusCode, error, message, errorCode = "", ...rest } = parsed;
  const texts = [error, message, errorCode].every((text) => typeof text === "string");
  if (statusCode !== status || !texts || Object.keys(rest).length > 0) {
    fail(`not in the API's error form: ${shortened(body)}`);
  }
}

/** Whole entries only: a request for single fields gets less than an entry. */
function isLogs(name: string, url: string): boolean {
  const paths = ["GET /logs", "GET /logs/{id}", "GET /users/{id}/logs"];
  return paths.includes(name) && !new URL(url).searchParams.has("fields");
}

function checkLogs(body: string, fail: Fail): void {
  const parsed = JSON.parse(body);
  const entries: { type: string }[] = parsed.logs ?? (Array.isArray(parsed) ? parsed : [parsed]);
  const problems = entries.flatMap((entry) => logProblems(entry));
  if (problems.length > 0) fail(problems.slice(0, 5).join("; "));
}

function checkRequest(
  { spec, pointer, name, operation }: Found,
  request: { headers: Headers },
  sent: string,
  fail: Fail,
): void {
  const json = request.headers.get("content-type")?.startsWith("application/json");
  const type = json ? "application/json" : "";
  if (!operation.requestBody?.content?.[type]?.schema || sent === "") return;
  const body = JSON.parse(sent);
  if (hasUndescribedBody(name, body)) return;
  for (const field of extraRequestFields[name] ?? []) delete body[field];
  const validate = compiled(spec, `${pointer}/requestBody`);
  if (validate && !validate(body)) {
    fail(`it accepted a body that the description refuses: ${errorsOf(validate)}`);
  }
}

function findOperation(method: string, path: string): Found | undefined {
  for (const [spec, base] of bases) {
    if (!path.startsWith(`${base}/`)) continue;
    const { paths } = specDocument(spec);
    const rest = path.slice(base.length);
    // A path without parameters wins over one with: /users/{id} must not take /users/x/logs.
    const matching = Object.keys(paths).filter((template) => matches(template, rest));
    const [template] = matching.sort((a, b) => a.split("{").length - b.split("{").length);
    const verb = method.toLowerCase();
    const operation = template === undefined ? undefined : paths[template]?.[verb];
    if (template === undefined || !operation) return undefined;
    const pointer = `/paths/${escapePointer(template)}/${verb}`;
    const prefix = spec === "my-account" ? base : "";
    return { spec, pointer, name: `${method} ${prefix}${template}`, operation };
  }
  return undefined;
}

function matches(template: string, path: string): boolean {
  const parts = template.split("/");
  const given = path.split("/");
  if (parts.length !== given.length) return false;
  return parts.every((part, index) => part.startsWith("{") || part === given[index]);
}

const ajvs = new Map<SpecName, Ajv2020>();
const validators = new Map<string, ValidateFunction | undefined>();

/** The validator of what is at a pointer (a response or a request body), compiled on first use. */
function compiled(spec: SpecName, pointer: string): ValidateFunction | undefined {
  const id = `${spec}#${pointer}`;
  if (validators.has(id)) return validators.get(id);
  const at = resolve(spec, pointer);
  const content = (at.value as { content?: Record<string, { schema?: object }> }).content;
  const schemaPointer = `${at.pointer}/content/application~1json/schema`;
  const validate = content?.["application/json"]?.schema
    ? ajv(spec).compile({ $ref: `${spec}#${encodeURI(schemaPointer)}` })
    : undefined;
  validators.set(id, validate);
  return validate;
}

function ajv(spec: SpecName): Ajv2020 {
  const known = ajvs.get(spec);
  if (known) return known;
  const made = new Ajv2020({ strict: false, allErrors: true, logger: false });
  formats.default(made);
  // Auth0's own format names: what they hold is in the tenant's schemas and their tests.
  made.addSchema(specDocument(spec), spec, undefined, false);
  ajvs.set(spec, made);
  return made;
}

/** Follows a `$ref` at the pointer itself: responses may be shared components. */
function resolve(spec: SpecName, pointer: string): { pointer: string; value: object } {
  let value: unknown = specDocument(spec);
  for (const part of pointer.slice(1).split("/")) {
    value = (value as Record<string, unknown>)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  const { $ref: ref } = value as { $ref?: string };
  return ref ? resolve(spec, ref.slice(1)) : { pointer, value: value as object };
}

function escapePointer(text: string): string {
  return text.replaceAll("~", "~0").replaceAll("/", "~1");
}

function errorsOf(validate: ValidateFunction): string {
  const errors = validate.errors ?? [];
  return errors
    .slice(0, 8)
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join("; ");
}

function shortened(body: string): string {
  return body.length > 600 ? `${body.slice(0, 600)}…` : body;
}

let said = false;

function sayOnce(): void {
  if (said) return;
  said = true;
  process.stderr.write(
    "spec: ../shared/specs is absent: answers are NOT held to Auth0's descriptions\n",
  );
}
