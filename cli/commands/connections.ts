/** @module `tvk connections`: the user's connected accounts. */
import { command } from "../command.ts";
import { connectionRows, shownRows } from "../connections/connection-rows.ts";
import { printResult } from "../output.ts";
import { openSession } from "../profiles/session.ts";

export const connections = command({
  description: "List the connected accounts",
  args: {},
  run: async ({ globals }) => {
    const { env, timeoutMs, profile } = globals;
    const rows = await connectionRows(openSession({ profile, env, timeoutMs }));
    printResult({ connections: rows }, () => shownRows(rows));
    return undefined;
  },
});
