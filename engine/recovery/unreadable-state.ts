/** @module A state in the user's own backend that the engine can't read: where it is torn, and what to do. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { tornAttributes } from "./attributes.ts";
import { RecoveryError } from "./recovery-error.ts";

/** What the engine says of a state, or of the backend's own record, that is not whole. */
const unreadable = /^error: ((?:failed to load checkpoint|read ".*meta\.yaml"): .*)$/m;

/**
 * The error in the place of the engine's bare one, which names no file ("failed to load checkpoint: EOF").
 * Nothing is touched: the backend is the user's.
 *
 * @param backendUrl What PULUMI_BACKEND_URL says. A folder of this machine is looked at.
 * @param said What the engine wrote.
 * @returns Undefined where the engine has ended for another reason.
 */
export function unreadableState(
  stack: string,
  backendUrl: string | undefined,
  said: string,
): RecoveryError | undefined {
  const [, reason] = unreadable.exec(said) ?? [];
  if (reason === undefined) return undefined;
  const dir = backendFolder(backendUrl);
  const torn = dir === undefined ? [] : tornAttributes(dir);
  const seen = `the state of "${stack}" can't be read; the engine says: ${reason}`;
  if (torn.length > 0) {
    return new RecoveryError(
      "STATE_UNREADABLE",
      `${seen}\nA run that was killed has torn what lies beside it:\n${torn.map((file) => `    ${file}`).join("\n")}`,
      "Remove that: the state itself is whole, and an attribute file that is missing counts as an empty one. Then run again.",
    );
  }
  const place = dir ?? backendUrl ?? "the backend";
  return new RecoveryError(
    "STATE_UNREADABLE",
    `${seen}\nIt lies in ${place}, and nothing was changed`,
    `Put an older one back: Pulumi keeps the one before as .pulumi/stacks/PROJECT/${stack}.json.bak, and one for each run in .pulumi/history. Then run tvk pulumi -- refresh, and this again.`,
  );
}

/** The folder of a backend on this machine, as Pulumi reads its URL: `file://~` is the home folder. */
function backendFolder(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith("file://")) return undefined;
  const path = url.slice("file://".length);
  if (path.startsWith("~")) return resolve(homedir(), `.${path.slice(1)}`);
  return path.startsWith("/") ? fileURLToPath(url) : resolve(path);
}
