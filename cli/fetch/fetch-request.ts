/** @module What `tvk fetch` sends, from its flags. */
import { readFileSync } from "node:fs";
import { inputError } from "../exit-codes.ts";

export interface RequestFlags {
  method: string | undefined;
  /** `name: value` */
  headers: readonly string[];
  /** `-` reads standard input. */
  data: string | undefined;
  dataFile: string | undefined;
}

/**
 * Makes the request's parts.
 *
 * @throws {CliError} `invalid_header`, `invalid_input`.
 */
export function requestOf({ method, headers: lines, data, dataFile }: RequestFlags): RequestInit {
  const headers = headersOf(lines);
  const body = bodyOf(data, dataFile);
  const name = (method ?? (body === undefined ? "GET" : "POST")).toUpperCase();
  if (!/^[A-Z]+$/.test(name) || /^(CONNECT|TRACE|TRACK)$/.test(name)) {
    throw inputError("invalid_input", `"${method}" is no method that can be sent`);
  }
  if (body !== undefined && /^(GET|HEAD)$/.test(name)) {
    throw inputError(
      "invalid_input",
      `a ${name} has no body`,
      "Leave out the data, or choose -X POST.",
    );
  }
  if (body !== undefined && !headers.has("content-type")) {
    headers.set("content-type", isJson(body) ? "application/json" : "text/plain;charset=UTF-8");
  }
  return { method: name, headers, ...(body === undefined ? {} : { body: new Uint8Array(body) }) };
}

function headersOf(lines: readonly string[]) {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    // The value may be a secret of the person's: it is not shown.
    const wrong = inputError(
      "invalid_header",
      `a header is not "name: value"`,
      'Give -H "Accept: text/csv".',
    );
    if (colon < 1) throw wrong;
    if (name.toLowerCase() === "authorization") {
      throw inputError("invalid_header", "Authorization is set by tvk", "Leave the header out.");
    }
    try {
      headers.append(name, line.slice(colon + 1).trim());
    } catch {
      throw wrong;
    }
  }
  return headers;
}

function bodyOf(data: string | undefined, dataFile: string | undefined): Buffer | undefined {
  if (data !== undefined && dataFile !== undefined) {
    throw inputError("invalid_input", "--data and --data-file exclude one another");
  }
  const file = data === "-" ? 0 : dataFile;
  if (file === undefined) return data === undefined ? undefined : Buffer.from(data);
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const source = file === 0 ? "standard input" : `--data-file ${file}`;
    throw inputError("invalid_input", `${source} can't be read: ${code}`);
  }
}

function isJson(body: Buffer) {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
