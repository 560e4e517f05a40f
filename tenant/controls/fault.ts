/** @module What a fault is: the shapes that a program which starts a tenant sees. */

/** What is wrong with an endpoint: one of `status`, `delayMs` and `drop`, or a delay with either. */
export interface Fault {
  /** `POST /oauth/token`. `*` as the method is any; a segment `*` or `{id}` is any one, a last `*` all that follow. */
  endpoint: string;
  /** Answers with it instead of the endpoint. */
  status?: number | undefined;
  /** Of that answer. Default: an error in the dialect of the API that the path belongs to. */
  body?: unknown;
  /** Of that answer; with 429 the rate limit headers are there by default. */
  headers?: Record<string, string> | undefined;
  /** Milliseconds before the endpoint, or the answer in its place, is asked. */
  delayMs?: number | undefined;
  /** Cuts the connection: before the `request` is heard, or after it has had its effect, so that the `answer` is lost. */
  drop?: "request" | "answer" | undefined;
  /** How many requests it hits. Default: all, until it is removed. */
  times?: number | undefined;
}

/** A fault that is set. */
export type ActiveFault = Fault & {
  readonly id: string;
  /** Requests that it has hit. */
  readonly hits: number;
};

export interface Faults {
  /** @throws {z.ZodError} The fault makes no sense. */
  add(fault: Fault): ActiveFault;
  /** Whether there was one. */
  remove(id: string): boolean;
  clear(): void;
  list(): ActiveFault[];
  /** The first fault for a request, counted as hit; gone after its last time. */
  take(method: string, path: string): ActiveFault | undefined;
}
