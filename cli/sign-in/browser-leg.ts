/** @module The part of a sign-in or connect that happens in a browser: there, and back to loopback. */

import { CliError, exitCodes } from "../exit-codes.ts";
import type { Visit } from "./browser.ts";
import { type CallbackServer, startCallbackServer } from "./callback-server.ts";

/** How long a person may take. */
const WAIT_MS = 120_000;

export interface BrowserLeg<T> {
  visit: Visit;
  /** Default the first free one of 18484 to 18489. */
  port?: number | undefined;
  waitMs?: number | undefined;
  /** Says which page to visit, once it is known where the browser comes back to. */
  begin: (redirectUri: string) => Promise<string>;
  /** Finishes with the address that the browser came back to. */
  finish: (callback: URL) => Promise<T>;
  /** What the person reads in the browser at the end. */
  done: string;
}

/**
 * Listens, sends the browser off, waits for it and finishes; the listener is gone afterwards.
 *
 * @throws {CliError} `timeout`: nobody came back in time. What `begin`, `visit` and `finish` throw.
 */
export async function browserLeg<T>(leg: BrowserLeg<T>): Promise<T> {
  const server = await startCallbackServer(leg.port);
  let text = "It did not work. See the terminal.";
  let ok = false;
  try {
    const url = await leg.begin(server.redirectUri);
    const callback = await comeBack(server, leg, url);
    const result = await leg.finish(callback);
    ok = true;
    text = leg.done;
    return result;
  } finally {
    await server.end({ ok, text });
  }
}

async function comeBack(
  server: CallbackServer,
  { visit, waitMs = WAIT_MS }: Pick<BrowserLeg<unknown>, "visit" | "waitMs">,
  url: string,
): Promise<URL> {
  const lost = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    lost.reject(
      new CliError("timeout", `nobody came back within ${waitMs / 1000} seconds`, {
        exitCode: exitCodes.general,
        hint: "Run the command again and finish in the browser.",
      }),
    );
  }, waitMs);
  // A browser that was opened proves nothing; a visit that failed ends the wait.
  visit(url).catch(lost.reject);
  try {
    return await Promise.race([server.callback, lost.promise]);
  } finally {
    clearTimeout(timer);
  }
}
