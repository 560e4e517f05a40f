/** @module Whether a service answers. */
import { readFileSync } from "node:fs";
import { get as httpGet, type IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";

/** Where to ask, and whom to trust there. */
export interface ReadyCheck {
  readonly url: string;
  /** PEM. The service may still have to write it. */
  readonly caFile?: string;
}

/** How long one question may take, in milliseconds. */
const askMs = 2_000;

/** True when a GET of the URL gives a 2xx. Never rejects: no answer is an answer. */
export function isReady(check: ReadyCheck): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const signal = AbortSignal.timeout(askMs);
      const answered = (response: IncomingMessage) => {
        response.destroy();
        const { statusCode = 0 } = response;
        resolve(statusCode >= 200 && statusCode < 300);
      };
      const request = check.url.startsWith("https:")
        ? httpsGet(check.url, { agent: false, signal, ...trust(check) }, answered)
        : httpGet(check.url, { agent: false, signal }, answered);
      request.on("error", () => resolve(false));
    } catch {
      resolve(false);
    }
  });
}

function trust({ caFile }: ReadyCheck): { ca?: Buffer } {
  return caFile === undefined ? {} : { ca: readFileSync(caFile) };
}
