/** @module Stands between a plugin and a real tenant: notes each request, and breaks what a test wants broken. */
import { readFileSync } from "node:fs";
import { createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Json } from "./json.ts";

export interface RecordedRequest {
  method: string;
  path: string;
  /** Parsed; `{}` without one. */
  body: Json;
  /** 0: not passed on, or its answer thrown away. */
  status: number;
}

/**
 * What becomes of a request: passed on; passed on and its answer thrown away; answered here; or passed on and
 * its answer kept back until a promise is settled.
 */
export type Fate =
  | "pass"
  | "lose-answer"
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | { answerAfter: Promise<unknown> };

export interface RecordingProxy {
  /** `localhost:PORT`. */
  domain: string;
  requests: RecordedRequest[];
  /** `METHOD PATH` of each request to the Management API since the last call, without queries. */
  taken(): string[];
  /** Decides about requests from here on. */
  fate: (request: RecordedRequest) => Fate;
  close(): Promise<void>;
}

/**
 * @param tenantDir The tenant's folder: its certificate is good for any port of localhost.
 * @param tenantDomain `localhost:PORT` of the tenant.
 */
export async function recordingProxy(
  tenantDir: string,
  tenantDomain: string,
): Promise<RecordingProxy> {
  const file = (name: string) => readFileSync(join(tenantDir, name), "utf8");
  const ca = file("ca.pem");
  let seen = 0;
  const server = createServer(
    { key: file("server-key.pem"), cert: file("server.pem") },
    async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const path = incoming.url ?? "";
      const method = incoming.method ?? "";
      const body = bytes.length === 0 ? {} : JSON.parse(bytes.toString("utf8"));
      const record: RecordedRequest = { method, path, body, status: 0 };
      proxy.requests.push(record);
      const fate = proxy.fate(record);
      if (typeof fate === "object" && "status" in fate) {
        record.status = fate.status;
        outgoing.writeHead(fate.status, { "content-type": "application/json", ...fate.headers });
        outgoing.end(JSON.stringify(fate.body ?? {}));
        return;
      }
      const headers = { ...incoming.headers, host: tenantDomain };
      const onward = send(
        `https://${tenantDomain}${path}`,
        { method, headers, ca },
        async (answer) => {
          if (fate === "lose-answer") {
            answer.resume().on("end", () => outgoing.destroy());
            return;
          }
          record.status = answer.statusCode ?? 0;
          if (typeof fate === "object") await fate.answerAfter;
          outgoing.writeHead(record.status, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on("error", () => outgoing.destroy());
      onward.end(bytes);
    },
  );
  const proxy: RecordingProxy = {
    domain: "",
    requests: [],
    fate: () => "pass",
    taken() {
      const fresh = proxy.requests.slice(seen);
      seen = proxy.requests.length;
      return fresh
        .filter(({ path }) => path.startsWith("/api/v2"))
        .map(({ method, path }) => `${method} ${path.replace("/api/v2", "").split("?")[0]}`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  proxy.domain = `localhost:${(server.address() as AddressInfo).port}`;
  return proxy;
}
