/** @module How `tvk fetch` shows the answer: streamed, as one JSON document, or into a file. */
import { createWriteStream } from "node:fs";
import { lstat, realpath, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CliError, exitCodes } from "../exit-codes.ts";
import { printResult, say } from "../output.ts";

export interface AnswerOptions {
  /** Show status and headers too. */
  include: boolean;
}

/** Whether the service did what it was asked. */
export interface Outcome {
  ok: boolean;
}

/** Writes the body to stdout as it comes, byte for byte. */
export async function streamAnswer(
  response: Response,
  { include }: AnswerOptions,
): Promise<Outcome> {
  if (include) process.stdout.write(`${head(response)}\n\n`);
  const newline = 10;
  let last: number | undefined = newline;
  const reader = response.body?.getReader();
  for (;;) {
    const { value } = (await reader?.read().catch((cause) => broken(response, cause))) ?? {};
    if (!value) break;
    last = value.at(-1) ?? last;
    // A reader that is slower than the service makes it wait.
    await new Promise<void>((written) => process.stdout.write(value, () => written()));
  }
  if (process.stdout.isTTY && last !== newline) process.stdout.write("\n");
  return outcome(response);
}

/** Prints `{ status, body }`, with `statusText` for a failure and `headers` where asked. */
export async function jsonAnswer(response: Response, { include }: AnswerOptions): Promise<Outcome> {
  const bytes = Buffer.from(await response.arrayBuffer().catch((cause) => broken(response, cause)));
  const { body, encoding } = decoded(bytes, response.headers.get("content-type") ?? "");
  // Slack says no with status 200.
  const refused = isSlack(response) && (body as { ok?: unknown } | null)?.ok === false;
  printResult({ ...envelope(response, include), body, ...encoding }, () => "");
  return { ok: response.ok && !refused };
}

/**
 * Writes the body into a file, which is there as a whole or not at all. What is no regular file (a device, a
 * pipe) is written to as it comes, and stays what it is.
 */
export async function saveBody(
  response: Response,
  file: string,
  { include }: AnswerOptions,
): Promise<Outcome> {
  const whole = await wholeFile(file);
  let bytes = 0;
  const source = response.body ? Readable.fromWeb(response.body as never) : Readable.from([]);
  source.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  if (standardOutput.includes(resolve(file))) await copied(response, source, process.stdout);
  // A descriptor's name (/dev/fd/3) opens its file anew: what is in it stays.
  else if (whole === undefined)
    await copied(response, source, createWriteStream(file, { flags: "a" }));
  else await replaced(response, source, whole);
  printResult({ ...envelope(response, include), file, bytes }, () =>
    [...(include ? [head(response)] : []), `${bytes} bytes written to ${file}`].join("\n"),
  );
  return outcome(response);
}

/** Names of what the result is printed to as well: opened anew they would have a place of their own in a file. */
const standardOutput = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

async function replaced(response: Response, source: Readable, file: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await copied(response, source, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The file that can be replaced as a whole: behind links, there or not. Undefined where there is none. */
async function wholeFile(path: string): Promise<string | undefined> {
  // What such a name leads to is open already, and others write to it.
  if (/^\/(dev\/(fd\/|std(in|out|err)$)|proc\/)/.test(resolve(path))) return undefined;
  const seen = await stat(path).catch(() => undefined);
  if (seen?.isFile()) return realpath(path).catch(() => undefined);
  // A link that leads to nothing yet makes its file when it is written through.
  const isThere = seen ?? (await lstat(path).catch(() => undefined));
  return isThere === undefined ? path : undefined;
}

function outcome({ ok, status, statusText }: Response): Outcome {
  if (!ok) say(`Error: the service answered ${status} ${statusText}`);
  return { ok };
}

function envelope(response: Response, include: boolean) {
  const { ok, status, statusText, headers } = response;
  return {
    status,
    ...(ok ? {} : { statusText }),
    ...(include ? { headers: Object.fromEntries(headers) } : {}),
  };
}

function head({ status, statusText, headers }: Response) {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP ${status} ${statusText}`.trim(), ...lines].join("\n");
}

function decoded(
  bytes: Buffer,
  type: string,
): { body: unknown; encoding?: { encoding: "base64" } } {
  if (bytes.length > 0 && /[/+]json\b/i.test(type)) {
    try {
      return { body: JSON.parse(bytes.toString()) };
    } catch {
      // The service calls it JSON: the text is more useful than an error.
    }
  }
  try {
    return { body: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { body: bytes.toString("base64"), encoding: { encoding: "base64" } };
  }
}

function isSlack(response: Response) {
  return URL.canParse(response.url) && /(^|\.)slack\.com$/.test(new URL(response.url).hostname);
}

async function copied(response: Response, from: Readable, to: NodeJS.WritableStream) {
  try {
    await pipeline(from, to, { end: to !== process.stdout });
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (path === undefined || code === undefined) broken(response, cause);
    throw new CliError("invalid_input", `${path} can't be written: ${code}`, {
      exitCode: exitCodes.input,
      cause,
    });
  }
}

function broken(response: Response, cause: unknown): never {
  const host = URL.canParse(response.url) ? new URL(response.url).host : "the service";
  throw new CliError("network_error", `the answer of ${host} broke off`, {
    exitCode: exitCodes.network,
    hint: "Try again.",
    cause,
  });
}
