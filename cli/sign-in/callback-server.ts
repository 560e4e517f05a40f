/** @module The page on loopback to which a sign-in or a consent comes back. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CliError, exitCodes } from "../exit-codes.ts";
import { say } from "../output.ts";

/** The ports that the client's callbacks have, as auth0-tv's. */
export const callbackPorts = [18_484, 18_485, 18_486, 18_487, 18_488, 18_489];

/** A listener for one callback. */
export interface CallbackServer {
  /** `http://127.0.0.1:PORT/callback` */
  redirectUri: string;
  /** The first callback, query and all. */
  callback: Promise<URL>;
  /** Shows the person how it ended, and stops listening. */
  end(outcome: { ok: boolean; text: string }): Promise<void>;
}

/**
 * Listens on 127.0.0.1 for one callback.
 *
 * @param port Only this one; by default the first free one of 18484 to 18489.
 *
 * @throws {CliError} `port_in_use`: none is free.
 */
export async function startCallbackServer(port?: number): Promise<CallbackServer> {
  const { promise: callback, resolve } = Promise.withResolvers<URL>();
  let waiting: ServerResponse | undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", redirectUri);
    if (url.pathname !== "/callback" || request.method !== "GET") {
      answer(response, 404, "Not found", "Not found");
    } else if (waiting) {
      answer(response, 409, "Done already", "This page has been used. You can close it.");
    } else {
      waiting = response;
      resolve(url);
    }
  });
  const bound = await listenOnFirst(server, port === undefined ? callbackPorts : [port]);
  const redirectUri = `http://127.0.0.1:${bound}/callback`;
  say(`Redirect server listening on http://127.0.0.1:${bound}`);
  return {
    redirectUri,
    callback,
    end: async ({ ok, text }) => {
      if (waiting) answer(waiting, ok ? 200 : 400, ok ? "Done" : "Not done", text);
      await new Promise((closed) => {
        server.close(closed);
        server.closeIdleConnections();
        // A browser that keeps its connection must not keep the command.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
    },
  };
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    if (await listens(server, port)) return (server.address() as AddressInfo).port;
  }
  const seen =
    ports.length === 1 ? `port ${ports[0]} is` : `ports ${ports[0]} to ${ports.at(-1)} are`;
  throw new CliError("port_in_use", `${seen} in use on 127.0.0.1`, {
    exitCode: exitCodes.general,
    hint: "End the other program, or choose a registered port with --port.",
  });
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error);
    server.once("error", onError);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", onError);
      resolve(true);
    });
  });
}

function answer(response: ServerResponse, status: number, title: string, text: string) {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(page(title, text));
}

function page(title: string, text: string) {
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title><link rel="icon" href="data:,">
<style>
:root { --page: #f3f4f8; --card: #fff; --text: #1c1d24; --line: #d9dbe3 }
@media (prefers-color-scheme: dark) {
  :root { --page: #121318; --card: #1c1e26; --text: #ecedf2; --line: #343845 }
}
body { box-sizing: border-box; margin: 0; min-height: 100vh; display: grid; place-items: center;
  padding: 1rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { box-sizing: border-box; width: 100%; max-width: 26rem; padding: 2rem; text-align: center;
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.2 }
p { margin: 0; overflow-wrap: anywhere; text-wrap: balance }
</style>
<main><h1>${escaped(title)}</h1><p>${escaped(text)}</p></main></html>`;
}

function escaped(text: string) {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => names[sign] ?? sign);
}
