/** @module Says in a tenant's validation error which property of the program it is about. */

import { formatPath, type Path } from "../protocol/path.ts";
import { PluginError } from "../protocol/plugin.ts";
import { type Fields, wireName } from "./field.ts";
import { TenantRefusal } from "./management-error.ts";

/** Auth0 writes: `Payload validation error: 'REASON' on property options.client_id (DESCRIPTION).` */
const onProperty = /on property ([\w.[\]]+)/;

/** Adds the property's path to a refused request's error; any other error is handed back as it is. */
export function withProperty(error: unknown, fields: Fields): unknown {
  if (!(error instanceof TenantRefusal) || error.status !== 400) return error;
  const wirePath = onProperty.exec(error.message)?.[1];
  const path = wirePath === undefined ? undefined : propertyPath(wirePath.split("."), fields);
  if (path === undefined) return error;
  return new PluginError(`${error.message} (property ${formatPath(path)})`, error.hint, {
    cause: error,
  });
}

function propertyPath(wire: readonly string[], fields: Fields): Path | undefined {
  const [first = "", ...rest] = wire;
  const [, name = first, index] = /^(\w+)\[(\d+)\]$/.exec(first) ?? [];
  const found = Object.entries(fields).find(
    ([property, field]) => wireName(property, field) === name,
  );
  if (found === undefined) return undefined;
  const [property, field] = found;
  const here = index === undefined ? [property] : [property, Number(index)];
  const [next] = rest;
  if (next === undefined) return here;
  if (/^\d+$/.test(next)) {
    const below = rest.length > 1 ? propertyPath(rest.slice(1), field.fields ?? {}) : [];
    return [...here, Number(next), ...(below ?? [])];
  }
  return [...here, ...(propertyPath(rest, field.fields ?? {}) ?? rest)];
}
