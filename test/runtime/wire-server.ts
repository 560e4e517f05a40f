/** @module A server on loopback that gives the wire answers a test writes down, and keeps what was asked. */
import "reflect-metadata";
import dns from "node:dns";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import * as x509 from "@peculiar/x509";

/** What arrived. */
export interface Seen {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
  form: URLSearchParams;
}

/** What goes back: JSON unless `text` is given; `drop` closes the connection instead. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  drop?: boolean;
  /** Writes the answer itself. */
  raw?: (response: ServerResponse) => void;
}

export interface WireServer {
  /** `localhost:PORT` */
  host: string;
  port: number;
  /** `https://localhost:PORT` */
  origin: string;
  seen: Seen[];
  close(): Promise<void>;
}

export type Answers = (seen: Seen) => Reply | undefined | Promise<Reply | undefined>;

/** Names that the certificate is for, and that {@link resolveTestNames} sends to loopback. */
const TEST_NAMES = [
  "api.wire.test",
  "sub.api.wire.test",
  "other.test",
  "xn--bcher-kva.test",
  "evil.test",
];
let identity: Promise<{ key: string; cert: string }> | undefined;

/** Starts an HTTPS server that this process trusts, or with `plain` an HTTP server. */
export async function wireServer(
  answers: Answers,
  options: { plain?: boolean; host?: string } = {},
): Promise<WireServer> {
  const seen: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, answers, seen).catch((error) => response.destroy(error));
  };
  identity ??= makeIdentity();
  const server = options.plain
    ? createHttpServer(listener)
    : createHttpsServer(await identity, listener);
  await new Promise<void>((resolve) => server.listen(0, options.host ?? "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `localhost:${port}`,
    port,
    origin: `${options.plain ? "http" : "https"}://localhost:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The certificate of every wire server, PEM: its own authority. */
export async function wireCertificate(): Promise<string> {
  identity ??= makeIdentity();
  return (await identity).cert;
}

/** Makes the names of the test certificate resolve to this machine; everything else as before. */
export function resolveTestNames(): () => void {
  const original = dns.lookup;
  const replacement = (
    name: string,
    options: dns.LookupAllOptions,
    done: (...args: unknown[]) => void,
  ) =>
    TEST_NAMES.includes(name.replace(/\.$/, "")) || name.endsWith("localhost")
      ? options.all
        ? done(null, [{ address: "127.0.0.1", family: 4 }])
        : done(null, "127.0.0.1", 4)
      : original(name, options, done as never);
  dns.lookup = replacement as never;
  return () => {
    dns.lookup = original;
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Answers,
  seen: Seen[],
) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const asked: Seen = {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers as Seen["headers"],
    body,
    form: new URLSearchParams(body),
  };
  seen.push(asked);
  const {
    status = 200,
    headers = {},
    json,
    text,
    drop,
    raw,
  } = (await answers(asked)) ?? { status: 404 };
  if (drop) return request.socket.destroy();
  if (raw) return raw(response);
  const type = text === undefined ? "application/json" : "text/plain";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(text ?? (json === undefined ? "" : JSON.stringify(json)));
}

async function makeIdentity() {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=wire test",
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.SubjectAlternativeNameExtension([
        ...["localhost", "*.localhost", ...TEST_NAMES].map((value) => ({
          type: "dns" as const,
          value,
        })),
        ...["127.0.0.1", "::1"].map((value) => ({ type: "ip" as const, value })),
      ]),
    ],
  });
  const cert = certificate.toString("pem");
  setDefaultCACertificates([...getCACertificates("default"), cert]);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert, key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}
