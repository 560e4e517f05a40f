/**
 * @module Runs before each test file: what a tenant answers is held to the descriptions, be it in this process or
 * in one of its own. The latter writes down what it answered (tenant/exchange-files.ts), whoever starts it.
 */
import { subscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { type Exchange, exchangeChannel } from "../../../tenant/exchanges.ts";
import { type ReadExchange, writtenExchanges } from "./written-exchanges.ts";

const folder = mkdtempSync(join(tmpdir(), "tvk-exchanges-"));
process.env["TVK_TENANT_EXCHANGES"] = folder;
const readWritten = writtenExchanges(folder);

/** Checks under way, each with what it found. */
let checks: Promise<Error | undefined>[] = [];

subscribe(exchangeChannel, (message) => {
  checks.push(problemOf(message as Exchange));
});

afterEach(report);
// What a file's own hooks asked for after the last test.
afterAll(async () => {
  await report().finally(() => rmSync(folder, { recursive: true, force: true }));
});

async function problemOf({ request, response }: Exchange): Promise<Error | undefined> {
  const sent = await request
    .clone()
    .text()
    .catch(() => undefined);
  // The client went away in the middle of its request.
  return sent === undefined ? undefined : check({ request, sent, response });
}

async function check({ request, sent, response }: ReadExchange): Promise<Error | undefined> {
  // Test files that ask no tenant need none of this.
  const { checkExchange } = await import("./spec-fetch.ts");
  return checkExchange(request, sent, response).then(
    () => undefined,
    (error: Error) => error,
  );
}

async function report(): Promise<void> {
  const found = await Promise.all([...checks, ...readWritten().map(check)]);
  checks = [];
  const problems = found.flatMap((error) => (error ? [error.message] : []));
  if (problems.length > 0) {
    throw new Error(`answers that Auth0's descriptions do not have:\n${problems.join("\n")}`);
  }
}
