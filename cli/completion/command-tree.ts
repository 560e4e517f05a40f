/** @module What can be typed after `tvk`: its commands, their own commands, and each one's flags. */
import type { ArgsDef, CommandDef } from "citty";
import { globalArgs } from "../globals.ts";

export interface Flag {
  /** Without the dashes. */
  name: string;
  /** One letter. */
  short?: string;
  /** Whether the next word is its value; `file` if that is a path. */
  value: false | "text" | "file";
  description: string;
}

export interface Child {
  name: string;
  description: string;
}

/** A place in the command line where the next word is looked for. */
export interface Place {
  /** The commands before it, separated by spaces: "", "tenant", "tenant start". */
  at: string;
  children: Child[];
  flags: Flag[];
}

type Loaders = Readonly<Record<string, () => CommandDef | Promise<CommandDef>>>;

/** Loads every command and gives every place, the first one before any command. */
export async function commandTree(commands: Loaders): Promise<Place[]> {
  return placesOf("", commands, {});
}

async function placesOf(at: string, commands: Loaders, args: ArgsDef): Promise<Place[]> {
  const children: Child[] = [];
  const below: Place[] = [];
  for (const [name, load] of Object.entries(commands)) {
    const { meta, args: its, subCommands } = await load();
    const { description = "" } = (await resolved(meta)) ?? {};
    children.push({ name, description });
    const loaders = Object.entries((await resolved(subCommands)) ?? {}).map(
      ([child, definition]): [string, () => Promise<CommandDef>] => [
        child,
        async () => (await resolved(definition)) as CommandDef,
      ],
    );
    const path = at === "" ? name : `${at} ${name}`;
    below.push(...(await placesOf(path, Object.fromEntries(loaders), (await resolved(its)) ?? {})));
  }
  return [{ at, children, flags: flagsOf({ ...args, ...globalArgs }) }, ...below];
}

function flagsOf(args: ArgsDef): Flag[] {
  const flags = Object.entries(args).flatMap(([name, definition]): Flag[] => {
    if (definition.type === "positional") return [];
    const { description = "" } = definition;
    const [short] = [("alias" in definition && definition.alias) || []].flat();
    const hint = "valueHint" in definition ? definition.valueHint : undefined;
    const value = definition.type === "boolean" ? false : hint === "path" ? "file" : "text";
    return [{ name, value, description, ...(short?.length === 1 ? { short } : {}) }];
  });
  return [...flags, { name: "help", short: "h", value: false, description: "Show its flags" }];
}

/** Citty takes a value, a promise of it, or a function that gives either. */
async function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): Promise<T> {
  return typeof value === "function" ? (value as () => T | Promise<T>)() : value;
}
