/** @module Auth0's sandbox as far as a fetchUserProfile script sees it, and a provider to ask. */
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import vm from "node:vm";
import type { SandboxRequestCallback, SandboxRequestOptions } from "../../scripts/auth0-script.ts";

export interface Outcome {
  /** The error's message. */
  readonly error?: string;
  readonly profile?: unknown;
  /** How often the script called back. */
  readonly calls: number;
}

export interface UserinfoServer {
  readonly url: string;
  /** The headers of each request, in the order of arrival. */
  readonly seen: IncomingMessage["headers"][];
  close(): void;
}

/**
 * Runs the text of a script as Auth0 does: as the declaration of a function, in a realm that has
 * `request` and no module system. Waits for the callback, then a little for a second one.
 */
export function runScript(
  text: string,
  accessToken: string,
  context: object = {},
): Promise<Outcome> {
  const realm = vm.createContext({ request: { get: requestGet }, require: () => ({}) });
  const script = vm.runInContext(`(${text}\n)`, realm, { filename: "fetchUserProfile.js" });
  return new Promise((resolve) => {
    let calls = 0;
    let outcome: Omit<Outcome, "calls"> = {};
    script(accessToken, context, (error: Error | null, profile: unknown) => {
      calls++;
      outcome = error ? { error: error.message } : { profile: plain(profile) };
      setTimeout(() => resolve({ ...outcome, calls }), 10);
    });
  });
}

/** A userinfo endpoint that gives one answer. */
export async function userinfoServer(
  status: number,
  body: string,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<UserinfoServer> {
  const seen: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/userinfo`, seen, close: () => void server.close() };
}

/** The classic library's behaviour: follows redirects unless told not to, parses JSON where it is some. */
function requestGet(options: SandboxRequestOptions, callback: SandboxRequestCallback): void {
  const { headers = {}, timeout = 20_000 } = options;
  const outgoing = send(options.url, { headers, timeout, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => {
      const { statusCode = 0, headers: answered } = response;
      const moved = statusCode >= 300 && statusCode < 400 && answered.location !== undefined;
      if (moved && options.followRedirect !== false) {
        return requestGet({ ...options, url: answered.location ?? "" }, callback);
      }
      const text = Buffer.concat(chunks).toString("utf8");
      callback(null, { statusCode }, options.json ? parsed(text) : text);
    });
  });
  outgoing.on("error", (error) => callback(error, undefined, undefined));
  outgoing.end();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Objects of another realm have other prototypes, which equality would see. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
