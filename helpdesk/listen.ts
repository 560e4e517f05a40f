/** @module Where the helpdesk listens: one address, or both that `localhost` may mean. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What was opened. */
export interface Listening {
  readonly port: number;
  /** Answers requests from here on. */
  answer(listener: RequestListener): void;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** Both addresses that a client may take `localhost` for. */
const loopback = ["127.0.0.1", "::1"] as const;

/**
 * Listens on `host`. `localhost` is both loopback addresses, or the one that this machine has.
 *
 * @throws {Error} The port is in use, or the address is not this machine's.
 */
export async function listen(port: number, host: string): Promise<Listening> {
  const first = await openFirst(port, host === "localhost" ? loopback : [host]);
  const servers = [first];
  const address = (first.address() as AddressInfo).address;
  if (host === "localhost" && address === loopback[0]) {
    const second = await open(portOf(first), loopback[1]).catch((error: OpenError) => error);
    if (!(second instanceof Error)) servers.push(second);
    // Any port was good for the first address: that it is taken on the second is chance, and no harm.
    else if (!isMissing(second) && port !== 0) {
      await close(servers);
      throw second;
    }
  }
  return {
    port: portOf(first),
    answer: (listener) => {
      for (const server of servers) server.on("request", listener);
    },
    close: () => close(servers),
  };
}

type OpenError = Error & { readonly cause: NodeJS.ErrnoException };

async function openFirst(port: number, addresses: readonly string[]): Promise<Server> {
  const [address = "", ...others] = addresses;
  try {
    return await open(port, address);
  } catch (error) {
    if (others.length === 0 || !isMissing(error as OpenError)) throw error;
    return openFirst(port, others);
  }
}

/** This machine has no such address: a loopback of IPv6 alone, or without it. */
function isMissing({ cause }: OpenError): boolean {
  return cause.code === "EADDRNOTAVAIL" || cause.code === "EAFNOSUPPORT";
}

function open(port: number, host: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const seen = cause.code === "EADDRINUSE" ? "is in use" : `can't be used (${cause.code})`;
      reject(new Error(`port ${port} of ${host} ${seen}: set PORT to a free one`, { cause }));
    });
    server.listen(port, host, () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    }),
  );
}
