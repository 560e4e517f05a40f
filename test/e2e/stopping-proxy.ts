/** A proxy (CONNECT) in front of a local tenant that stops at the n-th request of a run, at a chosen point. */
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, request as send } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";

/** `before` it reaches the tenant; `applied`: the tenant has answered, nobody has heard it; `after` the answer went out. */
export type Point = "before" | "applied" | "after";

/** What becomes of a request that was stopped: it goes on, it is lost, or it is answered with this status and not done. */
export type Fate = "pass" | "drop" | number;

export const points: readonly Point[] = ["before", "applied", "after"];

export interface StoppingProxy {
  /** Environment of a Node process whose requests to the tenant shall come through here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `METHOD PATH` of each request that counts, since {@link StoppingProxy.stopAt}. */
  readonly seen: readonly string[];
  /** Lets everything through, up to this point of the n-th request, counted from 1. Settles when it is there. */
  stopAt(n: number, point: Point): Promise<void>;
  /** Lets it all go on, and what was stopped as `fate` says. A status goes with `before` only. */
  release(fate: Fate): void;
  close(): Promise<void>;
}

/** Starts it. The tenant's own certificate serves: it is good for any port of localhost. */
export async function stoppingProxy(tenantDir: string): Promise<StoppingProxy> {
  const file = (name: string) => readFileSync(join(tenantDir, name), "utf8");
  const { domain } = JSON.parse(file("management-client.json")) as { domain: string };
  const ca = file("ca.pem");
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let stop: { n: number; point: Point; there: () => void } | undefined;
  let gate = Promise.withResolvers<Fate>();

  /** Waits at the gate if this is the place. */
  const at = async (n: number, point: Point): Promise<Fate> => {
    // What comes while one request is held is held too: the run is stopped as a whole.
    const isHere = stop !== undefined && (n === stop.n ? point === stop.point : n > stop.n);
    if (!isHere || stop === undefined) return "pass";
    if (n === stop.n) stop.there();
    const isOther = n !== stop.n;
    const fate = await gate.promise;
    // A loss is everybody's, a refusal is the one request's.
    return isOther && typeof fate === "number" ? "pass" : fate;
  };

  const tls = createServer({ key: file("server-key.pem"), cert: file("server.pem") });
  tls.on("request", async (incoming, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const path = incoming.url ?? "";
    const counts = /^\/(api\/v2|oauth\/token)/.test(path);
    const n = counts ? seen.push(`${incoming.method} ${path.split("?")[0]}`) : 0;
    const fate = counts ? await at(n, "before") : "pass";
    if (fate === "drop") {
      outgoing.destroy();
      return;
    }
    if (typeof fate === "number") {
      const error = { statusCode: fate, error: "Refused", message: "played by the test" };
      outgoing.writeHead(fate, { "content-type": "application/json", "retry-after": "1" });
      outgoing.end(JSON.stringify(error));
      return;
    }
    const onward = send(
      `https://${domain}${path}`,
      { method: incoming.method, headers: incoming.headers, ca },
      async (answer) => {
        const pieces: Buffer[] = [];
        for await (const piece of answer) pieces.push(piece);
        if (counts && (await at(n, "applied")) === "drop") {
          outgoing.destroy();
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.end(Buffer.concat(pieces), () => {
          if (counts) void at(n, "after");
        });
      },
    );
    onward.on("error", () => outgoing.destroy());
    onward.end(Buffer.concat(chunks));
  });

  const server = createHttpServer();
  server.on("connect", (incoming, socket: Socket, head: Buffer) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    if (incoming.url === domain) {
      tls.emit("connection", socket);
      return;
    }
    const [host = "localhost", port = "443"] = (incoming.url ?? "").split(":");
    const onward = connect(Number(port), host);
    onward.on("error", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      // In capitals: gRPC takes the small one, and has to go straight.
      https_proxy: undefined,
      no_proxy: undefined,
      NO_PROXY: undefined,
    },
    seen,
    stopAt(n, point) {
      seen.length = 0;
      gate = Promise.withResolvers();
      return new Promise((there) => {
        stop = { n, point, there };
      });
    },
    release(fate) {
      stop = undefined;
      gate.resolve(fate);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
