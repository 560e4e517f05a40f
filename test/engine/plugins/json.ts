/** @module A body of the Management API, as a test reads it: step by step, without a type of its own. */

export interface Json {
  [key: string]: Json;
}
