/** @module Reads a skill as agentskills.io has it, and says what is wrong with it. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";

export interface Skill {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The front matter as it is written; "" where a skill is made up. */
  readonly front?: string;
}

const known = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];
/** A body is loaded whole; 4 characters are about a token. */
const MAX_BODY = 5000 * 4;

/** Splits front matter and body. @throws {Error} There is no front matter. */
export function readSkill(dir: string): Skill {
  const text = readFileSync(join(dir, "SKILL.md"), "utf8");
  const [, front, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  if (front === undefined || body === undefined) throw new Error(`${dir} has no front matter`);
  return { fields: parse(front), body, front };
}

/** Every rule of the format that the skill breaks. */
export function skillProblems(dir: string, { fields, body, front = "" }: Skill): string[] {
  const { name, description, compatibility = "", metadata = {} } = fields;
  const tools = fields["allowed-tools"] ?? "";
  const rules: readonly (readonly [boolean, string])[] = [
    [Object.keys(fields).every((field) => known.includes(field)), "an unknown field"],
    [typeof name === "string" && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name), "name's characters"],
    [String(name).length <= 64, "name's length"],
    [name === basename(dir), "name is not the folder's"],
    [typeof description === "string" && description.length > 0, "no description"],
    [String(description).length <= 1024, "description's length"],
    [typeof compatibility === "string" && compatibility.length <= 500, "compatibility"],
    [typeof tools === "string", "allowed-tools is no text"],
    // The format's reference checker reads a stricter YAML, which has no such maps and lists.
    [!/^[ -]*([\w-]+: +)?[[{]/m.test(front), "a map or list in one line"],
    [isTextMap(metadata), "metadata is no map of texts"],
    [body.trim() !== "" && body.length <= MAX_BODY, "body's length"],
  ];
  return rules.filter(([kept]) => !kept).map(([, problem]) => problem);
}

function isTextMap(value: unknown) {
  return (
    typeof value === "object" &&
    value !== null &&
    // OpenClaw reads a map of its own, which the format's own checker lets pass.
    Object.entries(value).every(([name, each]) => typeof each === "string" || name === "openclaw")
  );
}

/** The commands of the body's shell blocks, one line each. */
export function commandsOf({ body }: Skill): string[] {
  const blocks = [...body.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  return blocks.flatMap((text) =>
    text
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .filter((line) => line.trim() !== ""),
  );
}
