/**
 * @module Serves a {@link Plugin} over Pulumi's provider gRPC protocol.
 *
 * @see {@link https://pulumi-developer-docs.readthedocs.io/latest/docs/_generated/proto/provider.html | The protocol}
 */

import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { handlers } from "./handlers.ts";
import type { Plugin } from "./plugin.ts";

/** A state can hold large values: the engine's own limit. */
const maxMessageBytes = 400 * 1024 * 1024;

/**
 * Starts to serve on a free port of loopback.
 *
 * @returns The port, which the engine reads from the plugin's first line, and `close`.
 */
export async function servePlugin(plugin: Plugin): Promise<{ port: number; close(): void }> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(providerGrpc.ResourceProviderService, handlers(plugin));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, close: () => server.forceShutdown() };
}
