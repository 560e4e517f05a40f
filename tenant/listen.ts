/** @module Listens with HTTPS on the loopback addresses. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { TenantError } from "./tenant-error.ts";

/** Called for each request; the adaptor of the web framework makes it. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenOptions {
  /** 0: any free port. */
  port: number;
  /** One address to listen on. Default: 127.0.0.1 and ::1, as `localhost` may mean either. */
  host?: string;
  key: string;
  cert: string;
}

/** The servers of one port. */
export interface Listening {
  port: number;
  /** Stops listening, lets requests in flight end, closes idle connections. */
  close(): Promise<void>;
}

/** Milliseconds that a request in flight gets to end at close. */
const closeMs = 1_000;

/** Attempts to find a port that is free on both addresses, when any will do. */
const attempts = 20;

/** @throws {TenantError} `PORT_IN_USE`. */
export async function listen(
  listener: RequestListener,
  options: ListenOptions,
): Promise<Listening> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await openFirst(listener, options);
    const { port, address } = first.address() as AddressInfo;
    if (options.host !== undefined || address === "::1") return listening(port, [first]);
    try {
      const second = await open(listener, "::1", port, options);
      return listening(port, [first, second]);
    } catch (error) {
      // A machine without IPv6 has no ::1, and no client that would ask there.
      if (!(error instanceof TenantError)) return listening(port, [first]);
      first.close();
      if (options.port !== 0 || attempt === attempts) throw error;
    }
  }
}

/** The named address, else 127.0.0.1, else ::1 on a machine whose loopback has no IPv4. */
async function openFirst(listener: RequestListener, options: ListenOptions): Promise<Server> {
  const { host, port } = options;
  try {
    return await open(listener, host ?? "127.0.0.1", port, options);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "EADDRNOTAVAIL";
    if (host !== undefined || !isMissing) throw error;
    return open(listener, "::1", port, options);
  }
}

function open(
  listener: RequestListener,
  host: string,
  port: number,
  { key, cert }: ListenOptions,
): Promise<Server> {
  const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, listener);
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EADDRINUSE") return reject(cause);
      const hint = `Stop what listens on ${host}:${port}, or start the tenant with another --port.`;
      reject(new TenantError("PORT_IN_USE", `port ${port} is in use on ${host}`, { hint, cause }));
    });
    server.listen(port, host, () => resolve(server));
  });
}

function listening(port: number, servers: Server[]): Listening {
  const closeOne = (server: Server) =>
    new Promise<void>((resolve) => {
      const force = setTimeout(() => server.closeAllConnections(), closeMs);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    });
  return {
    port,
    close: async () => {
      await Promise.all(servers.map(closeOne));
    },
  };
}
