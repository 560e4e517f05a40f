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
    // The providers hand on Auth0's own answer, or their own words for an empty list.
    if (/\b404\b|does not exist|not found|no connection/i.test(text)) return undefined;
    throw new pulumi.RunError(text.replace(/^invocation of \S+ returned an error: /, ""));
  }
}
