/** @module The text of a request's body, up to a limit: a server that reads without end can be filled up. */
import type { Context } from "hono";

/** Larger than anything that these endpoints take. */
export const maxBodyBytes = 1_000_000;

/** Undefined: it is longer than {@link maxBodyBytes}. */
export async function bodyText(context: Context): Promise<string | undefined> {
  const length = context.req.header("content-length");
  if (length !== undefined) {
    return Number(length) > maxBodyBytes ? undefined : context.req.text();
  }
  const { body } = context.req.raw;
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
