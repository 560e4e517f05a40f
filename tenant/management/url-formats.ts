/** @module The URL formats that Auth0 names in its schemas. */
import { format } from "./validate.ts";

/**
 * An absolute URL of any scheme, in which a host label may be `*` and any part a `{placeholder}`.
 * No fragment: RFC 6749 3.1.2.
 */
export function isUrlTemplate(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/?\/?[^\s]+$/i.test(value) || value.includes("#")) return false;
  const plain = value.replace(/\{[\w.-]+\}/g, "placeholder").replace("://*", "://wildcard");
  return URL.canParse(plain) && !/[<>"]/.test(value);
}

function isWebUrl(value: string, schemes: readonly string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}

export const urlFormats = {
  callbackUrl: () => format("callback-url", isUrlTemplate),
  urlWithPlaceholders: () => format("url-with-placeholders", isUrlTemplate),
  absoluteUriOrEmpty: () =>
    format("absolute-uri-or-empty", (text) => text === "" || isWebUrl(text, ["http:", "https:"])),
  absoluteHttpsUriOrEmpty: () =>
    format(
      "absolute-https-uri-with-placeholders-or-empty",
      (text) => text === "" || (isUrlTemplate(text) && /^https:/i.test(text)),
    ),
  /** OAuth2 endpoints of a connection: https, with http as a fallback. */
  webUrl: () => format("uri", (text) => isWebUrl(text, ["http:", "https:"])),
} as const;
