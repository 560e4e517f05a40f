/** @module `tvk import`: brings what exists in a tenant under a stack. */
import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { progressOn } from "../progress.ts";
import { importObjects } from "../stack/import-run.ts";
import { stackArgs } from "../stack/stack-args.ts";

export const importCommand = command({
  description: "Bring a tenant's hand-made connection, client and grants under a stack, unchanged",
  failure: "import_failed",
  args: {
    stack: stackArgs.stack,
    connection: { type: "string", valueHint: "name", description: "Which connection" },
    client: { type: "string", valueHint: "id", description: "Which client, by id or name" },
    "dry-run": { type: "boolean", description: "Say what would be adopted; write nothing" },
  },
  async run({ args, globals: { env } }) {
    const dryRun = args["dry-run"] === true;
    const imported = await importObjects(
      { projectDir: process.cwd(), env, progress: progressOn(process.stderr, env) },
      { stack: args.stack, connection: args.connection, client: args.client, dryRun },
    );
    const { stack } = args;
    printResult({ dryRun, stack, ...imported }, ({ found, adopted, missing, kept, config }) =>
      [
        ...Object.entries(found).map(([what, id]) => `${what.padEnd(14)} ${id ?? "none"}`),
        ...(dryRun
          ? [`Would set in Pulumi.${stack}.yaml: ${keysOf(config)}.`]
          : [
              `Adopted ${adopted.length} objects; a preview shows no change, and nothing in the tenant was changed.`,
              ...Object.entries(kept).map(
                ([name, values]) => `  ${name} keeps its own ${Object.keys(values).join(", ")}`,
              ),
              ...(missing.length === 0 ? [] : [`The next tvk up makes: ${missing.join(", ")}.`]),
              `Lines of \`adopted\` in Pulumi.${stack}.yaml that you delete are changed by the next tvk up.`,
            ]),
      ].join("\n"),
    );
    return undefined;
  },
});

function keysOf(config: Readonly<Record<string, unknown>>): string {
  const set = Object.entries(config).filter(([, value]) => value !== undefined);
  return set.map(([key]) => key).join(", ");
}
