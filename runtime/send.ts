/** @module One HTTP request with a time limit, and again after a 429 or 503 that says when. */
import { VaultError } from "./errors.ts";

/** What every request shares. */
export interface Http {
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now: () => number;
  /** Limit of one attempt, until its answer is read. */
  timeoutMs: number;
  retry: RetryOptions;
  onEvent: (event: VaultEvent) => void;
}

export interface RetryOptions {
  /** How often a request is sent again after 429 or 503; default 2. */
  attempts: number;
  /** The longest wait that is honoured; a longer Retry-After is an answer like any other. Default 10 000. */
  maxDelayMs: number;
}

/** What happens inside, for logs and metrics. Holds hosts and names, never a token. */
export type VaultEvent =
  | { type: "exchange"; connection: string; ms: number; code?: string }
  | { type: "cache"; connection: string; hit: boolean }
  | { type: "retry"; host: string; status: number; delayMs: number }
  | { type: "redirect"; from: string; to: string; status: number; token: boolean };

/**
 * Sends a request and reads its answer, both within the time limit, and repeats it after a 429 or
 * 503 whose Retry-After (or Auth0's x-ratelimit-reset) is short enough. Follows no redirect.
 *
 * @param read Takes the answer; what it awaits counts against the limit.
 * @param repeatable False when the body is a stream that can be read once.
 *
 * @throws {VaultError} `TIMEOUT`, `NETWORK`. An abort by the caller throws the signal's own reason.
 */
export async function send<T>(
  http: Http,
  url: URL,
  init: RequestInit,
  read: (response: Response) => T | Promise<T>,
  repeatable = true,
): Promise<T> {
  for (let left = repeatable ? http.retry.attempts : 0; ; left--) {
    let delayMs: number | undefined;
    const result = await once(http, url, init, async (response) => {
      if (left > 0) delayMs = retryDelayMs(http, response);
      if (delayMs === undefined) return read(response);
      http.onEvent({ type: "retry", host: url.host, status: response.status, delayMs });
      await response.body?.cancel();
      return undefined;
    });
    if (delayMs === undefined) return result as T;
    await pause(delayMs, init.signal);
  }
}

/** How long the answer asks to wait, in milliseconds; undefined when it does not say. */
export function askedDelayMs(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after");
  const reset = headers.get("x-ratelimit-reset");
  const at = after
    ? /^\d+$/.test(after)
      ? now + Number(after) * 1000
      : Date.parse(after)
    : reset
      ? Number(reset) * 1000
      : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function retryDelayMs(http: Http, { status, headers }: Response) {
  if (status !== 429 && status !== 503) return undefined;
  const delayMs = askedDelayMs(headers, http.now());
  return delayMs !== undefined && delayMs <= http.retry.maxDelayMs ? delayMs : undefined;
}

async function once<T>(
  http: Http,
  url: URL,
  init: RequestInit,
  read: (response: Response) => T | Promise<T>,
): Promise<T> {
  const { host } = url;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), http.timeoutMs);
  const caller = init.signal;
  const signal = caller ? AbortSignal.any([caller, limit.signal]) : limit.signal;
  try {
    return await read(await http.fetch(url, { ...init, signal, redirect: "manual" }));
  } catch (cause) {
    if (caller?.aborted) throw caller.reason;
    if (limit.signal.aborted) {
      throw new VaultError("TIMEOUT", `no answer from ${host} within ${http.timeoutMs} ms`, {
        host,
        cause,
      });
    }
    if (cause instanceof VaultError) throw cause;
    throw new VaultError("NETWORK", `no answer from ${host}: ${reasonOf(cause)}`, { host, cause });
  } finally {
    // Once the head of an answer is there, its body is the caller's, bound to the caller's signal only.
    clearTimeout(timer);
  }
}

function reasonOf(cause: unknown) {
  const {
    code,
    message,
    cause: beneath,
  } = cause as { code?: string; message?: string; cause?: { code?: string } };
  return beneath?.code ?? code ?? message;
}

function pause(ms: number, signal: AbortSignal | null | undefined) {
  return new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
