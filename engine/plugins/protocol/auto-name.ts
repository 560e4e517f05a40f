/** @module The name of a resource whose program gives none. */

import { createHash } from "node:crypto";
import type { CheckRequest } from "./plugin.ts";
import type { PropertyValue } from "./value.ts";

/** Hexadecimal digits after a made-up name. */
const suffixDigits = 7;

/** The given name, else the kept one (the seed differs on each run), else one of the resource's name and the seed. */
export function autoName(request: CheckRequest): PropertyValue | undefined {
  const { name: given } = request.news;
  if (given !== undefined && given !== null) return given;
  const { name: old } = request.olds;
  if (old !== undefined && old !== null) return old;
  if (request.autonaming?.mode === "disable") return undefined;
  if (request.autonaming !== undefined && request.autonaming.name !== "")
    return request.autonaming.name;
  const suffix = createHash("sha256").update(request.seed).digest("hex").slice(0, suffixDigits);
  return `${request.urn.split("::").at(-1)}-${suffix}`;
}
