/** @module The body of an update that changes metadata and nothing else. */
import { z } from "zod";

/** Entries that the metadata of a session or a refresh token may have. */
const maxEntries = 25;

/** `{ [name]: object | null }`, required. */
export function metadataOf(name: string) {
  const metadata = z
    .record(z.string(), z.unknown())
    .refine((map) => Object.keys(map).length <= maxEntries, {
      error: (issue) =>
        `Too many properties defined (${Object.keys(issue.input as object).length}), maximum ${maxEntries}`,
    });
  return z.strictObject({ [name]: metadata.nullable() });
}
