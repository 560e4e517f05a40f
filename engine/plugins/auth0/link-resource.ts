/** @module What ConnectionClients and ConnectionClient have in common: inputs that are all of the resource. */

import { within } from "../protocol/path.ts";
import type { Checked, CheckRequest, Difference, DiffRequest } from "../protocol/plugin.ts";
import { type PlainMap, type PropertyMap, revealMap, UNKNOWN } from "../protocol/value.ts";
import { failuresOf } from "./check.ts";
import { changesOf } from "./difference.ts";
import type { Fields } from "./field.ts";
import { withoutNulls } from "./inputs.ts";
import { complete } from "./wire.ts";

/** Checks the inputs against the table. */
export function checkLink({ news }: CheckRequest, fields: Fields): Checked {
  const inputs = withoutNulls(news);
  return { inputs, failures: failuresOf(revealMap(inputs), fields) };
}

/** Compares the inputs with the outputs by the table. */
export function diffLink(request: DiffRequest, fields: Fields): Difference {
  const changes = changesOf(
    revealMap(request.news),
    revealMap(request.oldInputs),
    revealMap(request.outputs),
    fields,
  ).filter(({ path }) => !request.ignoreChanges.some((prefix) => within(path, prefix)));
  return { changes, stables: ["id", "name", "strategy"], deleteBeforeReplace: false };
}

/** The outputs of a link that is yet to be made. */
export function previewLink(news: PropertyMap, fields: Fields): PlainMap {
  return complete(revealMap(news), fields, UNKNOWN);
}
