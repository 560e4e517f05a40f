/** The program's side of a run, inside this process: what the engine's `--client` speaks to instead of a language host. */
import { pathToFileURL } from "node:url";
import grpc from "@grpc/grpc-js";
import automation from "@pulumi/pulumi/automation/server.js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";

/** Pulumi marks it as internal and leaves it out of the types. */
const { LanguageServer } = automation as unknown as {
  readonly LanguageServer: new (
    program: () => Promise<Record<string, unknown>>,
  ) => grpc.UntypedServiceImplementation;
};

let runs = 0;

/**
 * Serves the program for one run, by Pulumi's own server for programs in the caller's process.
 *
 * The program file is loaded anew for each run, as a new process would; its components stay loaded.
 */
export async function serveProgram(file: string): Promise<{ flags: string[]; close(): void }> {
  const server = new grpc.Server();
  const program = async () => {
    const url = pathToFileURL(file);
    runs += 1;
    url.search = `run=${runs}`;
    return { ...(await import(url.href)) };
  };
  server.addService(languageGrpc.LanguageRuntimeService, new LanguageServer(program));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    flags: [`--client=127.0.0.1:${port}`, "--exec-kind=auto.inline"],
    close: () => server.forceShutdown(),
  };
}
