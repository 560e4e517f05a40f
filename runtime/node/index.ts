/** @module What servers on Node add to the runtime: stores that processes share, and a guard. */
export { type FileStoreOptions, fileStore } from "./file-store.ts";
export { type NodeGuardOptions, nodeGuard } from "./node-guard.ts";
export { type RedisClient, type RedisStoreOptions, redisStore } from "./redis-store.ts";
