/** @module Lists on the command line: `a,b` or `a b`. */

/** The parts of a list, without empty ones and doubles. */
export function commaList(text = ""): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
