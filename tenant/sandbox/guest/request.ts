/** @module The callback-style `request` that Auth0's sandbox has as a global. */
import type { Bridge } from "./bridge.ts";
import type { GuestBuffer, GuestBufferClass } from "./buffer.ts";
import type { GuestConsole } from "./console.ts";
import { type HttpAnswer, http } from "./http.ts";
import type { GuestUrlClass } from "./url.ts";

interface Uses {
  readonly Buffer: GuestBufferClass;
  readonly URL: GuestUrlClass;
  readonly console: GuestConsole;
}

type Options = Record<string, unknown>;
type Callback = (error: unknown, response?: unknown, body?: unknown) => void;

/** Options with an effect here; any other is named in the log. */
const known = new Set([
  "url",
  "uri",
  "baseUrl",
  "method",
  "headers",
  "json",
  "body",
  "form",
  "qs",
  "auth",
  "timeout",
  "encoding",
  "followRedirect",
  "followAllRedirects",
  "maxRedirects",
  "gzip",
  "callback",
  "simple",
  "resolveWithFullResponse",
  "strictSSL",
  "useQuerystring",
  "agent",
  "time",
  "jar",
]);

export function requestOf(outer: Bridge, uses: Uses): unknown {
  const make = (defaults: Options) => {
    const start =
      (method: string | undefined) => (target: unknown, second?: unknown, third?: unknown) => {
        const options: Options = { ...defaults, ...optionsOf(target), ...optionsOf(second) };
        options["headers"] = { ...headersOf(defaults), ...headersOf(options) };
        if (method !== undefined) options["method"] = method;
        const callback = [second, third, options["callback"]].find(
          (each) => typeof each === "function",
        );
        send(outer, uses, options, (callback ?? (() => {})) as Callback);
      };
    return Object.assign(start(undefined), {
      get: start("GET"),
      head: start("HEAD"),
      post: start("POST"),
      put: start("PUT"),
      patch: start("PATCH"),
      del: start("DELETE"),
      delete: start("DELETE"),
      options: start("OPTIONS"),
      defaults: (more: Options): unknown => make({ ...defaults, ...more }),
    });
  };
  return make({});
}

function optionsOf(value: unknown): Options {
  if (typeof value === "string") return { url: value };
  if (typeof value !== "object" || value === null) return {};
  return "href" in value && typeof value.href === "string" ? { url: value.href } : { ...value };
}

function headersOf(options: Options): Record<string, unknown> {
  return { ...(options["headers"] as Record<string, unknown> | undefined) };
}

function send(outer: Bridge, uses: Uses, options: Options, callback: Callback): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      uses.console.warn(`request: the option "${name}" has no effect in this tenant`);
  }
  if (options["strictSSL"] === false) uses.console.warn("request: strictSSL: false is not obeyed");
  const { Buffer, URL } = uses;
  const method = String(options["method"] ?? "GET").toUpperCase();
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(headersOf(options))) {
    if (value !== undefined && value !== null) headers.set(name.toLowerCase(), String(value));
  }
  let url: string;
  let body: Uint8Array | undefined;
  try {
    url = urlOf(options, URL);
    body = bodyOf(options, headers, Buffer);
    authorize(options["auth"], headers, Buffer);
  } catch (error) {
    callback(error);
    return;
  }
  const follows =
    options["followAllRedirects"] === true ||
    (options["followRedirect"] !== false && (method === "GET" || method === "HEAD"));
  const sent = {
    url,
    method,
    headers: [...headers],
    ...(body === undefined ? {} : { body }),
    maxRedirects: follows ? Number(options["maxRedirects"] ?? 10) : 0,
    ...(typeof options["timeout"] === "number" ? { timeoutMs: options["timeout"] } : {}),
  };
  http(outer, sent, (error, answer) => {
    if (answer === undefined) return callback(timedOut(error));
    const read = readBody(Buffer.from(answer.body), options);
    callback(null, responseOf(answer, method, read), read);
  });
}

function urlOf(options: Options, URL: GuestUrlClass): string {
  const given = options["url"] ?? options["uri"];
  const target =
    typeof given === "object" && given !== null && "href" in given ? given.href : given;
  if (typeof target !== "string" || target === "")
    throw new Error("options.uri is a required argument");
  const base = options["baseUrl"];
  const whole =
    typeof base === "string" ? `${base.replace(/\/$/, "")}/${target.replace(/^\//, "")}` : target;
  const url = new URL(whole);
  for (const [name, value] of Object.entries((options["qs"] as Options | undefined) ?? {})) {
    for (const each of Array.isArray(value) ? value : [value])
      url.searchParams.append(name, String(each));
  }
  return url.href;
}

function bodyOf(
  options: Options,
  headers: Map<string, string>,
  Buffer: GuestBufferClass,
): Uint8Array | undefined {
  const type = (value: string) => headers.has("content-type") || headers.set("content-type", value);
  const { form, json, body } = options;
  if (json !== undefined && json !== false && !headers.has("accept"))
    headers.set("accept", "application/json");
  if (form !== undefined) {
    type("application/x-www-form-urlencoded");
    return Buffer.from(typeof form === "string" ? form : formText(form as Options), "utf8");
  }
  if (typeof json === "object" && json !== null) {
    type("application/json");
    return Buffer.from(JSON.stringify(json), "utf8");
  }
  if (body === undefined || body === null) return undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string" && json !== true) return Buffer.from(body, "utf8");
  if (json !== true) throw new Error("Argument error, options.body.");
  type("application/json");
  return Buffer.from(JSON.stringify(body), "utf8");
}

function formText(form: Options): string {
  return Object.entries(form)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each) => [name, each]),
    )
    .map(
      ([name, value]) => `${encodeURIComponent(String(name))}=${encodeURIComponent(String(value))}`,
    )
    .join("&");
}

function authorize(auth: unknown, headers: Map<string, string>, Buffer: GuestBufferClass): void {
  if (typeof auth !== "object" || auth === null) return;
  const { user, username, pass, password, bearer } = auth as Options;
  if (bearer !== undefined) {
    headers.set(
      "authorization",
      `Bearer ${String(typeof bearer === "function" ? bearer() : bearer)}`,
    );
    return;
  }
  const pair = `${String(user ?? username ?? "")}:${String(pass ?? password ?? "")}`;
  headers.set("authorization", `Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
}

function readBody(bytes: GuestBuffer, options: Options): unknown {
  if (options["encoding"] === null) return bytes;
  const text = bytes.toString(String(options["encoding"] ?? "utf8"));
  if (options["json"] === undefined || options["json"] === false) return text;
  try {
    return JSON.parse(text);
  } catch {
    // As the library does: a body that is not JSON stays text.
    return text === "" ? undefined : text;
  }
}

function responseOf(answer: HttpAnswer, method: string, body: unknown): unknown {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of answer.headers) {
    const before = headers[name];
    if (name === "set-cookie") headers[name] = [...(before ?? []), value];
    else headers[name] = before === undefined ? value : `${String(before)}, ${value}`;
  }
  return {
    statusCode: answer.status,
    statusMessage: answer.statusText,
    headers,
    body,
    request: { method, uri: { href: answer.url }, href: answer.url },
    toJSON: () => ({ statusCode: answer.status, headers, body }),
  };
}

function timedOut(error: Error | undefined): Error | undefined {
  if (error === undefined || !("code" in error) || error.code !== "TIMEOUT") return error;
  return Object.assign(new Error("ETIMEDOUT"), { code: "ETIMEDOUT", connect: false });
}
