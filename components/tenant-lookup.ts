/** @module A question to the tenant while the program runs. */
import * as pulumi from "@pulumi/pulumi";

/**
 * Runs a look-up of the auth0 provider.
 *
 * @returns What it found; undefined where the tenant answers that there is no such thing.
 * @throws {pulumi.RunError} The tenant can't be asked: one line, without the stack of the engine's call.
 */
export async function lookUp<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Auth0's own words for a missing API, and the providers' for a name that no connection has.
    if (/does not exist|no connection (found|named)/i.test(text)) return undefined;
    throw new pulumi.RunError(text.replace(/^invocation of \S+ returned an error: /, ""));
  }
}
