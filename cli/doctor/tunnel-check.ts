/** @module Whether the tunnel that the stack runs lives, and still is where the stack has it. */
import { join } from "node:path";
import { readPublicUrl } from "../../services/public-url.ts";
import { isAlive, readRecord } from "../../services/service-record.ts";
import type { CheckResult } from "./run-doctor.ts";

/** What the check looks at. */
export interface TunnelCheckOptions {
  readonly projectDir: string;
  /** The profile's stack; none where it was made by hand. */
  readonly stack: string | undefined;
  /** An address of the API as the stack gave it out. */
  readonly apiUrl: string | undefined;
}

/** One result, or none where the project runs no tunnel for the stack. */
export async function tunnelCheck(options: TunnelCheckOptions): Promise<CheckResult[]> {
  const { projectDir, stack, apiUrl } = options;
  if (stack === undefined) return [];
  const record = readRecord(join(projectDir, ".tvk", "services"), `${stack}-tunnel`);
  if (record === undefined) return [];
  const id = "tunnel";
  const broken = (message: string): CheckResult[] => [
    { id, status: "failed", message, hint: `Run: tvk up --stack ${stack}` },
  ];
  const { url, publicUrl, pid } = record;
  if (!isAlive(record)) return broken(`the agent of the tunnel ${url} has ended`);
  const now = publicUrl === undefined ? url : await readPublicUrl(publicUrl);
  if (now === undefined) return broken(`the tunnel's agent (process ${pid}) gives no URL`);
  const given = URL.canParse(apiUrl ?? "") ? new URL(apiUrl ?? "").origin : now;
  if (now !== url) return broken(`the tunnel is at ${now} now, and the stack has ${url}`);
  if (now !== given) return broken(`the tunnel is at ${now}, and the stack gave out ${given}`);
  return [{ id, status: "ok", message: `${now}, by process ${pid}` }];
}
