/** @module Kinds of value that several keys of the configuration share. */
import { z } from "zod";
import { isContainerName } from "./container-name.ts";

/** Auth0's rule for a connection's name (Management API description). */
export const connectionName = z
  .string()
  .max(128, "has more than 128 characters, Auth0's limit for a connection's name")
  .regex(
    /^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/,
    "may hold only letters, digits and single dashes, and starts and ends with a letter or digit",
  );

/** Auth0 keeps a connection's scope as at most 20 items of at most 189 characters (Management API description). */
const scope = z
  .string()
  .min(1)
  .max(189)
  // RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E, so no space, no quote and no backslash.
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+$/,
    "a scope holds no space, no quote and no backslash (RFC 6749 section 3.3)",
  );

export const scopeList = z
  .array(scope)
  .min(1)
  .max(20, "has more than 20 items, Auth0's limit for a connection's scope");

/** https anywhere, http on loopback. */
export const webUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text),
    "is not a URL; write it whole, like https://desk.example.com",
  )
  .refine(
    (text) => !URL.canParse(text) || isHttpsOrLoopback(new URL(text)),
    "plain http is for loopback hosts only; use https",
  );

/** As {@link webUrl}, and http where only this machine and its containers can be meant. */
export const backChannelUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && ["/", ""].includes(new URL(text).pathname),
    "is no origin; write it like http://host.docker.internal:3001",
  )
  .refine(
    (text) =>
      !URL.canParse(text) ||
      isHttpsOrLoopback(new URL(text)) ||
      isContainerName(new URL(text).hostname),
    "plain http is for loopback hosts, host.docker.internal and names of containers only; use https",
  );

/** A secret that two servers share. */
export const sharedSecret = z
  .string()
  .min(16, "is shorter than 16 characters; `openssl rand -hex 32` makes a good one");

/** `localhost`, 127.0.0.0/8 and ::1, as URL spells them. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** True for https anywhere, and for http on a host that never leaves the machine. */
function isHttpsOrLoopback(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}
