/** @module Lets the controls act on each request before the tenant has it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestListener } from "../listen.ts";
import type { Controls } from "./controls.ts";
import type { ActiveFault } from "./fault.ts";

/** The owner's own paths never fail: they are the way to take a fault away. */
const spared = /^\/(?:owner|dashboard)(?:\/|$)/;

export function controlledListener(listener: RequestListener, controls: Controls): RequestListener {
  return (request, response) => {
    const method = request.method ?? "GET";
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (spared.test(path)) return listener(request, response);
    const taken = controls.limits.take(method, path);
    if (taken?.refused === true) {
      return answer(request, response, { path, status: 429, headers: taken.headers });
    }
    const fault = controls.faults.take(method, path);
    if (fault === undefined) return listener(request, response);
    void apply(fault, path, listener, request, response);
  };
}

async function apply(
  fault: ActiveFault,
  path: string,
  listener: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
  if (request.socket.destroyed) return;
  if (fault.drop === "request") {
    request.socket.destroy();
    return;
  }
  if (fault.drop === "answer") {
    response.writeHead = () => {
      request.socket.destroy();
      return response;
    };
  }
  if (fault.status === undefined) {
    listener(request, response);
    return;
  }
  const { status, body, headers = {} } = fault;
  answer(request, response, { path, status, body, headers });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  about: {
    path: string;
    status: number;
    body?: unknown;
    headers: Readonly<Record<string, string>>;
  },
): void {
  const { path, status, body, headers } = about;
  const text = typeof body === "string" ? body : JSON.stringify(body ?? errorBody(path, status));
  // What the client still sends is read and dropped, so that the connection stays good.
  request.resume();
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...(status === 429 ? limitHeaders() : {}),
    ...headers,
  });
  response.end(request.method === "HEAD" || status === 204 || status === 304 ? undefined : text);
}

function limitHeaders(): Record<string, string> {
  return {
    "retry-after": "1",
    "x-ratelimit-limit": "1",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 1),
  };
}

/** The error in the dialect of the API that the path belongs to. */
function errorBody(path: string, status: number): Record<string, unknown> {
  if (status < 400) return {};
  const limited = status === 429;
  const message = limited
    ? "Global limit has been reached"
    : "A fault that this local tenant was told to have";
  if (path.startsWith("/api/v2/")) {
    const errorCode = limited ? { errorCode: "too_many_requests" } : {};
    return { statusCode: status, error: reason(status), message, ...errorCode };
  }
  if (path.startsWith("/me/")) {
    const code = `A0E-${status}-0001`;
    return {
      type: `https://auth0.com/api-errors/${code}`,
      status,
      title: reason(status),
      detail: message,
    };
  }
  const error = limited ? "too_many_requests" : status >= 500 ? "server_error" : "invalid_request";
  return { error, error_description: message };
}

function reason(status: number): string {
  return reasons[status] ?? (status >= 500 ? "Internal Server Error" : "Bad Request");
}

const reasons: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
