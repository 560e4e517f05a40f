/** @module Objects without keys whose value is null or undefined. */

/** Undefined keys of a parsed body are absent keys: JSON has no undefined. */
export function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return kept(value, undefined) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Null in a request removes a key. */
export function withoutNulls<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], null> } {
  return kept(value, null) as { [K in keyof T]: Exclude<T[K], null> };
}

function kept(value: object, unwanted: null | undefined): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== unwanted));
}
