/** @module The helpdesk as a process of its own, for tests of what it prints and of sudden ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface HelpdeskProcess {
  readonly child: ChildProcess;
  /** What it has written to stdout, line by line, and to stderr. */
  readonly lines: string[];
  readonly errors: string[];
  /** Resolves with the address when the line is there; rejects when the process ends before. */
  readonly listening: Promise<string>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const main = fileURLToPath(new URL("../../helpdesk/main.ts", import.meta.url));

/** Starts `node helpdesk/main.ts` with these variables and nothing else of the environment but PATH. */
export function spawnHelpdesk(environment: Record<string, string>): HelpdeskProcess {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const ended = new Promise<Awaited<HelpdeskProcess["ended"]>>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const listening = new Promise<string>((resolve, reject) => {
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      const url = /^acme-helpdesk listening on (.*)$/m.exec(parts.join("\n"))?.[1];
      if (url !== undefined) resolve(url);
    });
    void ended.then(() => reject(new Error(`the helpdesk ended: ${errors.join("")}`)));
  });
  listening.catch(() => undefined);
  return { child, lines, errors, listening, ended };
}
