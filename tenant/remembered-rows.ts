/** @module Rows that were read and not written since: the store is this process's alone, so its memory is right. */

/** What a read gave: rows as their JSON texts, so that no two readers share an object. */
export type Texts = readonly string[];

/** The memory of one collection. */
export interface RememberedRows {
  get(key: string): Texts | undefined;
  /** Only rows that never end may be remembered: nobody writes when one ends. */
  set(key: string, texts: Texts): void;
  /** Called with every write, and when writes are undone. */
  forget(): void;
}

/** Reads remembered of one collection; more are forgotten together. */
const most = 1_000;

/** Longer answers, such as all tokens of a busy user, are not kept. */
const mostCharacters = 100_000;

export function rememberedRows(): RememberedRows {
  const known = new Map<string, Texts>();
  return {
    get: (key) => known.get(key),
    set(key, texts) {
      const characters = texts.reduce((sum, text) => sum + text.length, 0);
      if (characters > mostCharacters) return;
      if (known.size >= most) known.clear();
      known.set(key, texts);
    },
    forget: () => known.clear(),
  };
}
