/** @module Whether this machine's processes can talk to one another: the engine and the local tenant need that. */
import { createServer } from "node:net";
import { CliError, exitCodes } from "../exit-codes.ts";

/**
 * Pulumi's processes listen on 127.0.0.1 and on nothing else.
 *
 * @throws {CliError} `no_loopback`: this machine does not have that address.
 */
export async function requireIpv4Loopback(): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(
      "no_loopback",
      `Pulumi's processes talk on 127.0.0.1, which this machine does not have: ${reason}`,
      {
        exitCode: exitCodes.general,
        hint: "Give its loopback the address (Linux: ip addr add 127.0.0.1/8 dev lo) and run again.",
        cause,
      },
    );
  } finally {
    server.close();
  }
}

/**
 * What to say where Node sends requests to loopback through a proxy: NODE_USE_ENV_PROXY makes it, and
 * NO_PROXY would keep it from doing so. Undefined where all is well.
 */
export function proxiedLoopback(env: NodeJS.ProcessEnv): string | undefined {
  if (!filled(env["NODE_USE_ENV_PROXY"])) return undefined;
  const proxy = env["https_proxy"] || env["HTTPS_PROXY"];
  const exceptions = (env["no_proxy"] || env["NO_PROXY"] || "").split(/[\s,]+/);
  if (!filled(proxy) || ["*", "localhost"].some((each) => exceptions.includes(each))) return;
  return `NODE_USE_ENV_PROXY is set: requests to the local tenant go through the proxy of HTTPS_PROXY. If it does not lead back to this machine, set NO_PROXY=localhost,127.0.0.1,::1.`;
}

function filled(value: string | undefined): value is string {
  return value !== undefined && value !== "" && value !== "0";
}
