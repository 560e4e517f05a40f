/** @module How the guest realm calls the process around it: JSON text in both directions. */

/** Calls one operation of the process; `undefined` when it answers nothing. */
export interface Bridge {
  call<T>(operation: string, payload?: unknown): T;
  /** Starts something that is answered later, once. */
  later(
    operation: string,
    payload: Record<string, unknown>,
    answered: (answer: string) => void,
  ): number;
  /** Forgets an answer that is still to come. */
  forget(id: number): void;
  deliver(id: number, answer: string): void;
}

/** @param host The only function of the outer realm; it stays inside this closure. */
export function bridge(host: (operation: string, payload: string) => string): Bridge {
  const answers = new Map<number, (answer: string) => void>();
  let last = 0;
  const call = <T>(operation: string, payload: unknown = {}): T => {
    let text = "";
    let failed = true;
    try {
      text = `${host(operation, JSON.stringify(payload))}`;
      failed = false;
    } catch {
      // An error of the outer realm (a stack overflow inside it) must not reach the script.
    }
    if (failed) throw new Error("the sandbox could not do this");
    const { value, error } = JSON.parse(text) as { value?: T; error?: string };
    if (error !== undefined) throw new TypeError(error);
    return value as T;
  };
  return {
    call,
    later(operation, payload, answered) {
      last += 1;
      answers.set(last, answered);
      call(operation, { ...payload, id: last });
      return last;
    },
    forget(id) {
      answers.delete(id);
    },
    deliver(id, answer) {
      const answered = answers.get(id);
      answers.delete(id);
      answered?.(answer);
    },
  };
}
