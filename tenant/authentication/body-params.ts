/** @module Parameters of a POST, as a form or as JSON: Auth0 takes both. */
import type { Context } from "hono";
import { bodyText, maxBodyBytes } from "../body-text.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";

/** Text by name. A parameter without a value counts as not sent (RFC 6749 3.2). */
export type Params = Readonly<Record<string, string>>;

/** @throws {OAuthRefusal} Unreadable, of another type, or with a parameter twice. */
export async function bodyParams(context: Context): Promise<Params> {
  const type = (context.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  const text = await readText(context);
  if (text === "") return {};
  if (type === "application/json") return jsonParams(text);
  if (type === "application/x-www-form-urlencoded") return formParams(text);
  throw new OAuthRefusal(
    400,
    "invalid_request",
    "Content-Type must be application/x-www-form-urlencoded or application/json",
  );
}

/** The parameters of a posted form. @throws {OAuthRefusal} Too long, or a parameter comes twice. */
export async function postedForm(context: Context): Promise<Params> {
  return formParams(await readText(context));
}

/** Undefined where the body is no JSON. @throws {OAuthRefusal} Too long. */
export async function jsonBody(context: Context): Promise<unknown> {
  const text = await readText(context);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText(context: Context): Promise<string> {
  const text = await bodyText(context);
  if (text !== undefined) return text;
  const description = `The request body is longer than ${maxBodyBytes} bytes`;
  throw new OAuthRefusal(413, "invalid_request", description);
}

/** @throws {OAuthRefusal} RFC 6749 3.1 and 3.2: a parameter must not come twice. */
export function formParams(text: string): Params {
  const params: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(params, name)) {
      throw new OAuthRefusal(400, "invalid_request", `Duplicate parameter: ${name}`);
    }
    if (value !== "") params[name] = value;
  }
  return params;
}

function jsonParams(text: string): Params {
  const params: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new OAuthRefusal(400, "invalid_request", `Parameter ${name} must be a string`);
    }
    params[name] = String(value);
  }
  return params;
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the refusal: what was wrong with the JSON is of no use to anyone.
  }
  throw new OAuthRefusal(400, "invalid_request", "The request body is not a JSON object");
}
