/** @module Writes what became of a pull request's environment as Markdown: the comment, and the job's summary. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What `tvk env create` printed. */
const createdSchema = z.object({
  status: z.string(),
  name: z.string(),
  owner: z.string().optional(),
  expires: z.string().optional(),
  outputs: z.object({
    tenant: z.string(),
    domain: z.string(),
    connectionName: z.string(),
    scopes: z.array(z.string()),
    helpdeskUrl: z.string().optional(),
  }),
});

/** What `tvk dev` printed. */
const usedSchema = z.object({
  user: z.string(),
  plugins: z.string(),
  engine: z.object({ version: z.string() }),
  tickets: z.array(z.object({ id: z.union([z.string(), z.number()]), title: z.string() })),
});

const failureSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The line by which a comment is known as this workflow's own. */
const marker = "<!-- token-vault-kit environment -->";

/**
 * The summary of one run.
 *
 * @param name The environment's name.
 * @param results Folder that the steps wrote their results to; a step that did not run left none.
 */
export function summary(name: string, results: string): string {
  const created = read(join(results, "created.json"));
  const used = read(join(results, "used.json"));
  const made = createdSchema.safeParse(created);
  const use = usedSchema.safeParse(used);
  const lines = [marker, `### Environment ${cell(name)}`, ""];
  if (made.success) lines.push(...facts(made.data), "");
  else lines.push(`**It did not come up.** ${failure(created)}`, "");
  if (use.success) lines.push(...usage(use.data), "");
  else if (used !== undefined) lines.push(`**It came up and could not be used.** ${failure(used)}`);
  return `${lines.join("\n").trimEnd()}\n`;
}

function facts({ status, expires, owner, outputs }: z.infer<typeof createdSchema>): string[] {
  const local = outputs.tenant === "local";
  const rows: [string, string][] = [
    ["status", status],
    ["tenant", local ? `${outputs.domain}, local to the job` : outputs.domain],
    ["connection", outputs.connectionName],
    ["scopes", outputs.scopes.join(" ")],
    ["API", outputs.helpdeskUrl ?? "-"],
    ["owner", owner ?? "-"],
    ["until", local ? "the end of the job" : (expires ?? "-")],
  ];
  return ["| | |", "|---|---|", ...rows.map(([what, value]) => `| ${what} | ${cell(value)} |`)];
}

function usage({ user, plugins, engine, tickets }: z.infer<typeof usedSchema>): string[] {
  return [
    `Signed in and connected as ${cell(user)}; ${tickets.length} open tickets came through Token Vault ` +
      `(engine ${cell(engine.version)}, plugins ${cell(plugins)}).`,
  ];
}

function failure(result: unknown): string {
  const failed = failureSchema.safeParse(result);
  if (!failed.success) return "See the job's log.";
  const { code, message } = failed.data.error;
  return `${cell(code)}: ${cell(message)}`;
}

/** Text of somebody else's as text: no table cell ends with it, no tag, link or mention begins. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replace(/[&<>]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[each] ?? "")
    .replace(/[\\`*_[\]|#~!]/g, "\\$&")
    .replaceAll("@", "@\u200B");
}

function read(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // A step that was killed has written half of it, or nothing.
    return {};
  }
}

if (import.meta.main) {
  const text = summary(process.env["ENVIRONMENT"] ?? "", "environment-results");
  writeFileSync("environment-summary.md", text);
  const page = process.env["GITHUB_STEP_SUMMARY"];
  if (page) appendFileSync(page, text);
}
