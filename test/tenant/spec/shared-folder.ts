/** @module Where published reference data lies on a machine that has it: beside the checkout, or beside its parent. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../../..");

/** The folder, or where it would be; whoever needs it says so when it is absent. */
export function sharedFolder(name: string): string {
  const places = ["..", "../.."].map((above) => join(repository, above, "shared", name));
  return places.find((place) => existsSync(place)) ?? join(repository, "../shared", name);
}
