/** @module For tests of a tenant in a process of its own: every request with its answer, one JSON line each. */
import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { type Exchange, exchangeChannel } from "./exchanges.ts";

/** One line. Of the headers only what an API's description says something about. */
export interface WrittenExchange {
  readonly method: string;
  readonly url: string;
  readonly type: string | undefined;
  readonly sent: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly received: string;
}

const described = /^(?:content-type|x-ratelimit-\w+)$/;

/**
 * Writes a file of its own into the folder, for this user alone, from now on.
 *
 * @returns Waits for what is still being read.
 */
export function writeExchanges(folder: string): () => Promise<void> {
  const file = join(folder, `${randomUUID()}.jsonl`);
  closeSync(openSync(file, "wx", 0o600));
  const pending = new Set<Promise<void>>();
  subscribe(exchangeChannel, (message) => {
    const work = line(message as Exchange)
      .then((text) => appendFileSync(file, text))
      // The client went away in the middle of its request.
      .catch(() => undefined)
      .finally(() => pending.delete(work));
    pending.add(work);
  });
  return async () => {
    await Promise.all(pending);
  };
}

async function line({ request, response }: Exchange): Promise<string> {
  const [sent, received] = await Promise.all([request.text(), response.text()]);
  const type = request.headers.get("content-type");
  const headers = [...response.headers].filter(([name]) => described.test(name));
  const written: WrittenExchange = {
    ...{ method: request.method, url: request.url, type: type ?? undefined, sent },
    ...{ status: response.status, headers: Object.fromEntries(headers), received },
  };
  return `${JSON.stringify(written)}\n`;
}
