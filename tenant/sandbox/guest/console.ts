/** @module The guest's console, which writes to the tenant's log, and how it shows values. */
import type { Bridge } from "./bridge.ts";

/** The methods that scripts use. */
export type GuestConsole = Record<
  "log" | "info" | "debug" | "warn" | "error" | "trace",
  (...values: unknown[]) => void
>;

export function consoleOf(outer: Bridge): GuestConsole {
  const at =
    (level: string) =>
    (...values: unknown[]): void => {
      outer.call("log", { level, text: format(...values) });
    };
  return {
    log: at("log"),
    info: at("info"),
    debug: at("debug"),
    warn: at("warn"),
    error: at("error"),
    trace: at("trace"),
  };
}

/** What a thrown or called-back value says; never fails. */
export function describe(reason: unknown): string {
  try {
    if (typeof reason === "string") return reason;
    if (reason instanceof Error) {
      const cause = reason.cause instanceof Error ? ` (${reason.cause.message})` : "";
      return `${reason.message || reason.name}${cause}`;
    }
    if (typeof reason === "object" && reason !== null) {
      const { message, description } = reason as { message?: unknown; description?: unknown };
      if (typeof message === "string" && message !== "") return message;
      if (typeof description === "string" && description !== "") return description;
    }
    return show(reason);
  } catch {
    return "the script failed with a value that can't be shown";
  }
}

/** `util.format` for `%s %d %i %j %o %O %%`. */
export function format(...values: unknown[]): string {
  const [first, ...rest] = values;
  if (typeof first !== "string") return values.map(show).join(" ");
  const text = first.replace(/%[sdijoO%]/g, (mark) => {
    if (mark === "%%") return "%";
    if (rest.length === 0) return mark;
    const value = rest.shift();
    if (mark === "%s") return typeof value === "string" ? value : show(value);
    if (mark === "%d" || mark === "%i") return String(Number(value));
    return show(value);
  });
  return [text, ...rest.map((value) => (typeof value === "string" ? value : show(value)))].join(
    " ",
  );
}

/** A value as text: JSON where it has some. */
export function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ?? value.message;
  if (typeof value === "function") return `[Function: ${value.name}]`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
