/** @module `tvk shell`: the environment in which plain `pulumi` runs the stack. */
import { dirname, join, relative } from "node:path";
import { overriding } from "../../engine/environment.ts";
import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { stackArgs, stackOf } from "../stack/stack-args.ts";
import { tenantDir } from "../tenant/local-tenant.ts";

export const shell = command({
  description: 'Print the environment for plain pulumi: eval "$(tvk shell)"',
  args: stackArgs,
  async run({ args }) {
    const stack = await stackOf(args);
    const { AUTH0_CLIENT_SECRET: secret, ...plain } = stack.environment;
    const lines = Object.entries(plain).map(([name, value]) => `export ${name}=${quoted(value)}`);
    if (secret !== undefined) {
      // Read where it lies when the line is run: what is printed here holds no secret.
      const dir = stack.tenant ? dirname(stack.tenant.caFile) : tenantDir(process.cwd());
      const file = relative(process.cwd(), join(dir, "management-client.json"));
      const read = `JSON.parse(require("fs").readFileSync(process.argv[1])).clientSecret`;
      lines.push(`export AUTH0_CLIENT_SECRET="$(node -p ${quoted(read)} ${quoted(file)})"`);
    }
    // They would win over the stack's own.
    lines.push(...overriding.map((name) => `unset ${name}`));
    // Tells tvk that AUTH0_* is the engine's Management application here, not a person's client.
    lines.push("export TVK_SHELL=1");
    printResult({ environment: plain }, () => lines.join("\n"));
    return undefined;
  },
});

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
