/** @module One HTTP request with a time limit, and again after a 429 or 503 that says when. */
import { VaultError } from "./errors.ts";
import type { MaybePromise } from "./when.ts";

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
 * @param repeatable False when the body is a stream that can be read once.
 * @param read Takes the answer; what it awaits counts against the limit. Default the answer itself.
 *
 * @throws {VaultError} `TIMEOUT`, `NETWORK`. An abort by the caller throws the signal's own reason.
 */
export async function send<T = Response>(
  http: Http,
  url: URL,
  init: RequestInit,
  repeatable = true,
  read: (response: Response) => MaybePromise<T> = (response) => response as T,
): Promise<T> {
  const { host } = url;
  const caller = init.signal;
  for (let left = repeatable ? http.retry.attempts : 0; ; left--) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), http.timeoutMs);
    let delayMs!: number;
    try {
      const signal = caller ? AbortSignal.any([caller, limit.signal]) : limit.signal;
      const response = await http.fetch(url, { ...init, signal, redirect: "manual" });
      const { status } = response;
      if (left > 0 && (status === 429 || status === 503)) delayMs = askedDelayMs(http, response);
      // Also where it says no time, and the wait is undefined or NaN.
      if (!(delayMs <= http.retry.maxDelayMs)) return await read(response);
      http.onEvent({ type: "retry", host, status, delayMs });
      await response.body?.cancel();
    } catch (cause) {
      if (caller?.aborted) throw caller.reason;
      if (cause instanceof VaultError) throw cause;
      const late = limit.signal.aborted;
      const { code, message, cause: beneath } = cause as Reason;
      const why = late ? ` within ${http.timeoutMs} ms` : `: ${beneath?.code ?? code ?? message}`;
      throw new VaultError(late ? "TIMEOUT" : "NETWORK", `no answer from ${host}${why}`, {
        host,
        cause,
        hint: late ? "Call again, or raise timeoutMs." : "Check name, network and certificate.",
      });
    } finally {
      // Once the head of an answer is there, its body is the caller's, bound to the caller's signal only.
      clearTimeout(timer);
    }
    await pause(delayMs, caller);
  }
}

/** What a failed request throws: Node's fetch has the reason in the cause. */
interface Reason {
  code?: string;
  message?: string;
  cause?: Reason;
}

/** As a time it is of 2001, as a wait it is of 31 years: what is less is a wait. */
const FIRST_TIME_MS = 1e12;

/**
 * How long the answer asks to wait, in milliseconds; NaN when it does not say. A number is of seconds,
 * from now or since 1970: Retry-After has the first, and x-ratelimit-reset, which no standard defines,
 * has the second with Auth0 and the first with others.
 */
export function askedDelayMs(http: Pick<Http, "now">, { headers }: Pick<Response, "headers">) {
  const asked = headers.get("retry-after") ?? `${headers.get("x-ratelimit-reset")}`;
  const ms = Number.parseFloat(asked) * 1000;
  return Math.max(0, ms < FIRST_TIME_MS ? ms : (ms || Date.parse(asked)) - http.now());
}

/** The promise's end, or the signal's if that comes first. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | null | undefined,
): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function pause(ms: number, signal: AbortSignal | null | undefined) {
  let timer: ReturnType<typeof setTimeout>;
  const over = (resolve: () => void) => {
    timer = setTimeout(resolve, ms);
  };
  return unlessAborted(new Promise<void>(over), signal).finally(() => clearTimeout(timer));
}
