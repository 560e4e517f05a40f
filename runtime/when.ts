/** @module Goes on with a value, at once where it is there already: each wait adds to a warm call. */

export type MaybePromise<T> = T | Promise<T>;

/**
 * What `next` makes of the value, or a promise of that where the value is one, of any kind: a store's
 * client may have its own.
 *
 * @param failed What a rejected promise becomes.
 */
export function when<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
  failed?: (cause: unknown) => never,
): MaybePromise<R> {
  const promise = value as Promise<T> | undefined;
  return typeof promise?.then === "function" ? promise.then(next, failed) : next(value as T);
}
