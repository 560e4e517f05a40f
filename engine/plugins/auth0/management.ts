/**
 * @module The plugin's client of the Management API: one token per process, paced and retried requests.
 *
 * It stands on the platform's fetch. The official SDK brings a class per endpoint of which this plugin calls
 * twenty, and its retries cannot be told apart by whether a request may be sent twice.
 */

import type { Plain, PlainMap } from "../protocol/value.ts";
import type { Credentials } from "./credentials.ts";
import { NoAnswer, TenantRefusal } from "./management-error.ts";
import { type Pace, pacer } from "./pace.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface RequestOptions {
  /** False for a create that must not be sent twice when its answer got lost. Default true. */
  readonly repeatable?: boolean;
}

/** Sends requests to one tenant. */
export interface Management {
  /**
   * Sends one request, again where that helps.
   *
   * @param path Below `/api/v2`, with the query.
   * @returns The answer's JSON; null where there is none.
   * @throws {TenantRefusal} The tenant said no.
   * @throws {NoAnswer} The tenant said nothing.
   */
  request(method: Method, path: string, body?: Plain, options?: RequestOptions): Promise<Plain>;
  /** Waits before another look at something that the tenant is still busy with. False: cancelled meanwhile. */
  pause(ms: number): Promise<boolean>;
  /** Nothing is tried again from here on; a request under way still finishes. */
  cancel(): void;
}

export interface ManagementOptions {
  readonly credentials: Credentials;
  /** Whether the engine that asked still lives; a request of a dead engine's plugin is not sent. */
  readonly parentAlive: () => boolean;
  readonly pace?: Pace;
}

/** A request that takes longer is taken for lost. */
const timeoutMs = 30_000;
/** A token is renewed this long before it ends. */
const tokenMarginMs = 60_000;

export function management(options: ManagementOptions): Management {
  const { credentials, parentAlive } = options;
  const pace = options.pace ?? pacer();
  let token: Promise<{ value: string; endsAt: number }> | undefined;

  async function send(method: Method, path: string, headers: Record<string, string>, body?: Plain) {
    const label = `${method} ${path.split("?")[0]}`;
    if (!parentAlive()) throw new Error(`${label} is not sent: the engine is gone`);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`https://${credentials.domain}${path}`, {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw new NoAnswer(label, credentials.domain, error);
    }
    pace.heard(response.headers);
    const answer = parse(text);
    if (response.ok) return answer;
    throw new TenantRefusal(label, response, answer);
  }

  async function bearer(): Promise<string> {
    if (credentials.apiToken !== undefined) return credentials.apiToken;
    const known = await token?.catch(() => undefined);
    if (known === undefined || known.endsAt <= performance.now()) {
      token = fetchToken();
      // Whoever waits for it hears of the failure; nobody else needs to.
      token.catch(() => undefined);
    }
    return (await (token ?? fetchToken())).value;
  }

  async function fetchToken(): Promise<{ value: string; endsAt: number }> {
    const answer = await pace.run(
      () =>
        send(
          "POST",
          "/oauth/token",
          {},
          {
            grant_type: "client_credentials",
            client_id: credentials.clientId ?? null,
            client_secret: credentials.clientSecret ?? null,
            audience: credentials.audience,
          },
        ),
      true,
    );
    const { access_token: value, expires_in: seconds } = answer as PlainMap;
    return {
      value: String(value),
      endsAt:
        performance.now() + (typeof seconds === "number" ? seconds * 1000 : 0) - tokenMarginMs,
    };
  }

  return {
    async request(method, path, body, { repeatable = true } = {}) {
      const authorization = `Bearer ${await bearer()}`;
      return pace.run(() => send(method, `/api/v2${path}`, { authorization }, body), repeatable);
    },
    pause: (ms) => pace.pause(ms),
    cancel: () => pace.cancel(),
  };
}

function parse(text: string): Plain {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
