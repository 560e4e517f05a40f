/** The program's side of a run, inside this process: what the engine's `--client` speaks to instead of a language host. */
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import grpc from "@grpc/grpc-js";
import { getSubchannelPool } from "@grpc/grpc-js/build/src/subchannel-pool.js";
import automation from "@pulumi/pulumi/automation/server.js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";

/** What Pulumi marks as internal and leaves out of the types. */
interface ProgramServer extends grpc.UntypedServiceImplementation {
  run(...request: unknown[]): Promise<void>;
}

const { LanguageServer } = automation as unknown as {
  readonly LanguageServer: new (program: () => Promise<Record<string, unknown>>) => ProgramServer;
};

/** How long a program may take to see that its engine is gone, in milliseconds. Most see it within 40, some never. */
const endMs = 150;

let runs = 0;

/**
 * Forgets the connections of earlier runs. gRPC keeps one for each address of a process; one that an earlier
 * program has left open and that failed when its engine ended would be taken for the connection to a later
 * engine to which the system gives the same port, once in tens of thousands of runs.
 */
function forgetConnections(): void {
  (getSubchannelPool(true) as unknown as { pool: object }).pool = {};
}

/** A program that is served for one run. */
export interface ServedProgram {
  /** The engine's. */
  readonly flags: readonly string[];
  /**
   * @returns False where the program still runs, as it can after its engine was killed. When it ends at last it
   * takes the connection of whichever run there is then; that one ends as if its program had declared nothing.
   */
  close(): Promise<boolean>;
}

/**
 * Serves the program for one run, by Pulumi's own server for programs in the caller's process.
 *
 * The program file is loaded anew for each run, as a new process would; its components stay loaded.
 */
export async function serveProgram(file: string): Promise<ServedProgram> {
  forgetConnections();
  const server = new grpc.Server();
  const program = async () => {
    const url = pathToFileURL(file);
    runs += 1;
    url.search = `run=${runs}`;
    return { ...(await import(url.href)) };
  };
  const language = new LanguageServer(program);
  const run = language.run.bind(language);
  let running = 0;
  language.run = async (...request) => {
    running += 1;
    await run(...request).finally(() => {
      running -= 1;
    });
  };
  server.addService(languageGrpc.LanguageRuntimeService, language);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    flags: [`--client=127.0.0.1:${port}`, "--exec-kind=auto.inline"],
    async close() {
      server.forceShutdown();
      const deadline = Date.now() + endMs;
      while (running > 0 && Date.now() < deadline) await sleep(5);
      return running === 0;
    },
  };
}
