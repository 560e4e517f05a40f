/** @module The kit's own program, some of whose resources outlive the stack. */
import { copyFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");

/** Puts it into a project folder. @returns What says which types have `retainOnDelete` from now on. */
export function retainingProgram(dir: string): (...types: readonly string[]) => void {
  // A link would load the program that lies beside its target.
  for (const name of ["index.ts", "program.mjs"]) rmSync(join(dir, name));
  copyFileSync(join(repository, "program.mjs"), join(dir, "program.mjs"));
  symlinkSync(join(repository, "index.ts"), join(dir, "stack.ts"));
  const program = 'import "./retaining.ts";\nexport * from "./stack.ts";\n';
  writeFileSync(join(dir, "index.ts"), program);
  return (...types) => {
    const retaining = `import * as pulumi from "@pulumi/pulumi";
const types: readonly string[] = ${JSON.stringify(types)};
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  types.includes(type) ? { props, opts: { ...opts, retainOnDelete: true } } : undefined,
);
`;
    writeFileSync(join(dir, "retaining.ts"), retaining);
  };
}
