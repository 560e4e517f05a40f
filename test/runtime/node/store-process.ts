/** @module One process of several that share a store: asks its vault once and prints the token. */
import { setDefaultCACertificates } from "node:tls";
import { Redis } from "ioredis";
import { ClientSecretPost, TokenVault } from "../../../runtime/index.ts";
import { fileStore, redisStore } from "../../../runtime/node/index.ts";

/** What the test says on standard input, as JSON. */
export interface StoreProcess {
  domain: string;
  ca: string;
  encryptionKey: string;
  /** A folder, or the port of a Redis server. */
  store: { dir: string } | { port: number; leaseMs?: number };
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { domain, ca, encryptionKey, store }: StoreProcess = JSON.parse(
  Buffer.concat(chunks).toString(),
);
setDefaultCACertificates([ca]);
const redis = "port" in store ? new Redis(store.port, "127.0.0.1") : undefined;
const leaseMs = "port" in store ? (store.leaseMs ?? 60_000) : 0;
const cache =
  "dir" in store
    ? fileStore({ dir: store.dir, encryptionKey })
    : redisStore(redis as Redis, { encryptionKey, leaseMs });
const vault = new TokenVault({
  domain,
  clientId: "client-1",
  clientAuth: ClientSecretPost("s3cret-of-the-client"),
  subjectToken: { type: "refresh_token", value: "rt-alice" },
  allowedDomains: ["localhost"],
  cache,
});
process.stdout.write((await vault.token("desk")).accessToken);
redis?.disconnect();
