/** @module `tvk tenant export|import`: what the local tenant holds, as a file. */
import { readFileSync } from "node:fs";
import type { CommandDef } from "citty";
import { replaceFile } from "../../locks/whole-file.ts";
import { command } from "../command.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { printResult } from "../output.ts";
import { startLocalTenant } from "../tenant/local-tenant.ts";
import { ownerRequest } from "../tenant/owner-request.ts";

export const exportSeed = command({
  description: "Write what the local tenant holds to a file; secrets only with --secrets",
  args: {
    file: { type: "positional", required: true, description: "The file; only you can read it" },
    secrets: {
      type: "boolean",
      description:
        "Client secrets, password hashes, connected accounts with their tokens, refresh tokens",
    },
  },
  async run({ args }) {
    const secrets = args.secrets === true;
    const tenant = await startLocalTenant(process.cwd());
    const seed = await ownerRequest(tenant, "GET", `/owner/seed?secrets=${secrets}`);
    replaceFile(args.file, `${JSON.stringify(seed, null, 2)}\n`);
    printResult({ status: "exported", file: args.file, secrets }, () =>
      secrets
        ? `${args.file}: with every secret of the tenant. Keep it out of the repository.`
        : `${args.file}: without secrets, and so without connected accounts`,
    );
    return undefined;
  },
}) as CommandDef;

export const importSeed = command({
  description: "Make the local tenant what a file says, in place of what it holds",
  args: {
    file: { type: "positional", required: true, description: "Of tvk tenant export, or your own" },
  },
  async run({ args, globals }) {
    const seed = read(args.file);
    if (!globals.confirm) {
      throw inputError(
        "confirmation_required",
        "import replaces the applications, connections, users and accounts of the local tenant",
        "Say --yes to go on.",
      );
    }
    await ownerRequest(await startLocalTenant(process.cwd()), "PUT", "/owner/seed", seed);
    printResult({ status: "imported", file: args.file }, () => `imported ${args.file}`);
    return undefined;
  },
}) as CommandDef;

function read(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("invalid_input", `${file} can't be read`, {
      exitCode: exitCodes.input,
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw inputError("invalid_input", `${file} is not JSON`);
  }
}
