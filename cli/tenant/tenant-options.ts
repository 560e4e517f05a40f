/** @module How a project's local tenant is started beside its defaults: kept with its data, for every start. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { textIfThere } from "../../locks/if-there.ts";
import { replaceFile } from "../../locks/whole-file.ts";

const schema = z.strictObject({
  controls: z.boolean().optional(),
  githubStandIn: z.boolean().optional(),
});

/** What a start can ask for; what is not said stays as it was. */
export type TenantOptions = z.infer<typeof schema>;

const file = "start-options.json";

/** @throws {Error} The file is no longer what was written. */
export function tenantOptions(tenantDir: string): TenantOptions {
  const path = join(tenantDir, file);
  const text = textIfThere(path);
  if (text === undefined) return {};
  const { data } = schema.safeParse(parsed(text));
  if (data !== undefined) return data;
  throw new Error(`${path} can't be read: remove it, and start the tenant with its flags again`);
}

/** Keeps what is asked for. The next start differs from the last one then, and so replaces it. */
export function keepTenantOptions(tenantDir: string, wanted: TenantOptions): void {
  const next = { ...tenantOptions(tenantDir), ...wanted };
  const path = join(tenantDir, file);
  if (!Object.values(next).includes(true)) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(tenantDir, { recursive: true, mode: 0o700 });
  replaceFile(path, `${JSON.stringify(next)}\n`);
}

/** The flags of `node tenant/main.mjs`. */
export function tenantFlags(tenantDir: string): string[] {
  const { controls, githubStandIn } = tenantOptions(tenantDir);
  return [
    ...(controls === true ? ["--controls"] : []),
    ...(githubStandIn === true ? ["--github-stand-in"] : []),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
