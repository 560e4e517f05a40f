/** @module A stack's own fetchUserProfile file, bundled only where there is one. */

/**
 * Bundles the file that a stack brings. The bundler is loaded for it alone: it takes a while to
 * start, and most stacks use the script for OpenID-shaped userinfo.
 *
 * @param entry The file, from the project's folder. Undefined where the stack brings none.
 * @returns The text of the function, or undefined.
 *
 * @throws {ScriptBundleError} Whatever is wrong with the file, all at once; the operator's.
 */
export async function ownScript(entry: string | undefined): Promise<string | undefined> {
  if (entry === undefined) return undefined;
  const { bundleScript } = await import("./bundle-script.ts");
  return bundleScript({ entry });
}
