/** @module Reads what tenants in processes of their own have written down of their answers. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WrittenExchange } from "../../../tenant/exchange-files.ts";

export interface ReadExchange {
  readonly request: { readonly method: string; readonly url: string; readonly headers: Headers };
  readonly sent: string;
  readonly response: Response;
}

/** Makes a reader of a folder: what has come since it was last called. */
export function writtenExchanges(folder: string): () => ReadExchange[] {
  const read = new Map<string, number>();
  return () =>
    readdirSync(folder).flatMap((name) => {
      // A line that is still being written, or that a kill has torn, has no end.
      const lines = readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1);
      const known = read.get(name) ?? 0;
      read.set(name, lines.length);
      return lines.slice(known).map((line) => exchangeOf(JSON.parse(line)));
    });
}

function exchangeOf(written: WrittenExchange): ReadExchange {
  const { method, url, type, sent, status, headers, received } = written;
  const empty = [204, 205, 304].includes(status);
  return {
    request: { method, url, headers: new Headers(type ? { "content-type": type } : {}) },
    sent,
    response: new Response(empty ? null : received, { status, headers }),
  };
}
