/** @module Runs before each test file: what a tenant in this process answers is held to the descriptions. */
import { subscribe } from "node:diagnostics_channel";
import { afterAll, afterEach } from "vitest";
import { type Exchange, exchangeChannel } from "../../../tenant/exchanges.ts";

/** Checks under way, each with what it found. */
let checks: Promise<Error | undefined>[] = [];

subscribe(exchangeChannel, (message) => {
  checks.push(problemOf(message as Exchange));
});

afterEach(report);
// What a file's own hooks asked for after the last test.
afterAll(report);

async function problemOf({ request, response }: Exchange): Promise<Error | undefined> {
  // Test files that ask no tenant need none of this.
  const { checkExchange } = await import("./spec-fetch.ts");
  const sent = await request
    .clone()
    .text()
    .catch(() => undefined);
  // The client went away in the middle of its request.
  if (sent === undefined) return undefined;
  return checkExchange(request, sent, response).then(
    () => undefined,
    (error: Error) => error,
  );
}

async function report(): Promise<void> {
  const found = await Promise.all(checks);
  checks = [];
  const problems = found.flatMap((error) => (error ? [error.message] : []));
  if (problems.length > 0) {
    throw new Error(`answers that Auth0's descriptions do not have:\n${problems.join("\n")}`);
  }
}
