/** @module A load on one HTTPS server: connections that stay, each with one request at a time. */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** A form or a JSON text to POST. */
export interface Post {
  readonly path: string;
  readonly contentType: string;
  /** Sent in turn. */
  readonly bodies: readonly string[];
}

export interface Load {
  readonly port: number;
  readonly caPem: string;
  readonly post: Post;
  readonly seconds: number;
  readonly connections: number;
}

export interface Loaded {
  readonly answers: number;
  readonly perSecond: number;
}

/**
 * Puts the load on the server. The client writes and reads bytes itself: one made of `fetch` costs more than the servers.
 *
 * @throws {Error} With the answer, if any is not a 200 that says "access_token".
 */
export async function putLoad(load: Load): Promise<Loaded> {
  const requests = load.post.bodies.map((body) => requestBytes(load, body));
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)));
  const state = { next: 0, done: 0, until: performance.now() + load.seconds * 1000 };
  const started = performance.now();
  try {
    await Promise.all(
      sockets.map((socket) =>
        drive(socket, () => {
          if (performance.now() >= state.until) return undefined;
          state.next += 1;
          return requests[state.next % requests.length];
        }).then((count) => {
          state.done += count;
        }),
      ),
    );
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { answers: state.done, perSecond: state.done / ((performance.now() - started) / 1000) };
}

function requestBytes({ port, post }: Load, body: string): Buffer {
  const head = [
    `POST ${post.path} HTTP/1.1`,
    `Host: localhost:${port}`,
    `Content-Type: ${post.contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "tenant-id: bench",
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

async function open({ port, caPem }: Load): Promise<TLSSocket> {
  const socket = connect({ host: "localhost", port, ca: caPem, servername: "localhost" });
  await once(socket, "secureConnect");
  return socket.setNoDelay(true);
}

/** Sends what `next` gives, one after the answer to the other; how many were answered. */
function drive(socket: TLSSocket, next: () => Buffer | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let text = "";
    const send = () => {
      const bytes = next();
      if (bytes === undefined) resolve(count);
      else socket.write(bytes);
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (!isWhole(text)) return;
      if (!text.startsWith("HTTP/1.1 200") || !text.includes("access_token")) {
        reject(new Error(`the answer under load is not a token: ${text.slice(0, 500)}`));
        return;
      }
      text = "";
      count += 1;
      send();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server closed a connection under load")));
    send();
  });
}

/** One answer, by its Content-Length or its last chunk. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return text.endsWith("0\r\n\r\n");
}
