/** @module One HTTP request of a script: the tenant sends it and applies its network rule. */
import type { Bridge } from "./bridge.ts";
import { bytesToLatin1, latin1ToBytes } from "./buffer.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
  readonly maxRedirects: number;
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

/** Fails with an Error whose `code` is Node's (`ECONNREFUSED`) or the tenant's (`REFUSED_ADDRESS`). */
export function http(
  outer: Bridge,
  request: HttpRequest,
  answered: (error: Error | undefined, answer: HttpAnswer | undefined) => void,
): void {
  const { body, ...rest } = request;
  const payload = { ...rest, ...(body === undefined ? {} : { body: bytesToLatin1(body) }) };
  outer.later("http", payload, (text) => {
    const { error, answer } = JSON.parse(text) as {
      error?: { code: string; message: string };
      answer?: Omit<HttpAnswer, "body"> & { body: string };
    };
    if (answer !== undefined)
      return answered(undefined, { ...answer, body: latin1ToBytes(answer.body) });
    const failure = new Error(error?.message ?? "the request failed");
    answered(Object.assign(failure, { code: error?.code }), undefined);
  });
}
