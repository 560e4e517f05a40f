/** @module The realm in which a script runs: its globals, and how it is called. */
import { type Bridge, bridge } from "./bridge.ts";
import { bufferClass } from "./buffer.ts";
import { consoleOf, describe } from "./console.ts";
import { fetchOf } from "./fetch.ts";
import { moduleLoader } from "./modules.ts";
import { requestOf } from "./request.ts";
import { timersOf } from "./timers.ts";
import { urlClasses } from "./url.ts";

/** What the process calls; nothing of it is visible to the script. */
interface Runner {
  run(script: unknown, accessToken: string, context: string): void;
  deliver(id: number, answer: string): void;
  fail(reason: unknown): void;
}

export function install(host: (operation: string, payload: string) => string): Runner {
  const outer = bridge(host);
  addGlobals(outer);
  const end = (outcome: { error: string } | { profile: string }) => outer.call("done", outcome);
  const failed = (reason: unknown) => end({ error: describe(reason) });
  const callback = (error?: unknown, profile?: unknown) => {
    if (error) {
      failed(error);
      return;
    }
    try {
      end({ profile: JSON.stringify(profile ?? {}) });
    } catch (reason) {
      failed(reason);
    }
  };
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (reason) {
      failed(reason);
    }
  };
  return {
    run(script, accessToken, context) {
      guarded(() => {
        if (typeof script !== "function") {
          throw new TypeError("the script must be a function (accessToken, context, callback)");
        }
        const result = script.call(
          undefined,
          accessToken,
          JSON.parse(context),
          callback,
        ) as unknown;
        // An async script that throws rejects here; one that ends has to call back all the same.
        if (result instanceof Promise) result.catch(failed);
      });
    },
    deliver: (id, answer) => guarded(() => outer.deliver(id, answer)),
    fail: failed,
  };
}

function addGlobals(outer: Bridge): void {
  const { Buffer, TextEncoder, TextDecoder } = bufferClass(outer);
  const { URL, URLSearchParams } = urlClasses(outer);
  const timers = timersOf(outer);
  const console = consoleOf(outer);
  const web = fetchOf(outer, { Buffer, URLSearchParams, setTimeout: timers.setTimeout });
  const request = requestOf(outer, { Buffer, URL, console });
  const require = moduleLoader(outer, { Buffer, URL, URLSearchParams, request });
  const globals: Record<string, unknown> = {
    ...timers,
    ...web,
    Buffer,
    TextEncoder,
    TextDecoder,
    URL,
    URLSearchParams,
    console,
    request,
    require,
    global: globalThis,
    atob: (text: string) => Buffer.from(text, "base64").toString("latin1"),
    btoa: (text: string) => Buffer.from(text, "latin1").toString("base64"),
    structuredClone: (value: unknown) => JSON.parse(JSON.stringify(value)),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics"]) {
    Reflect.deleteProperty(globalThis, name);
  }
}
