/** @module The type declarations of the package: those that its doors lead to, and no others. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import type { Doors } from "./manifest.ts";
import { publishedName } from "./own-files.ts";

/** Packages whose types the doors may name: Node's own, and the components' peers. */
const allowedPackage = /^(node:|@pulumi\/)/;

/**
 * Writes the declarations of the doors, and of the files that those import, into `out`.
 *
 * @throws A source has a type error, or a declaration names a package that a user does not have.
 */
export async function writeDeclarations(root: string, out: string, doors: Doors): Promise<void> {
  const onNode = [...doors.runtimeOnNode, ...doors.components, ...doors.programs];
  // The runtime is compiled as an app compiles it: with the web's types and without Node's.
  const made = new Map([
    ...declarations(root, join(root, "runtime/tsconfig.json"), doors.web),
    ...declarations(root, join(root, "tsconfig.json"), onNode),
  ]);
  for (const file of reached(made, [...doors.web, ...onNode])) {
    await mkdir(dirname(join(out, file)), { recursive: true });
    await writeFile(join(out, file), made.get(file) ?? "");
  }
}

/** Every declaration of the doors' programs, by its path in the package. */
function declarations(
  root: string,
  config: string,
  doors: readonly string[],
): ReadonlyMap<string, string> {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    dirname(config),
  );
  const program = ts.createProgram(
    doors.map((door) => join(root, door)),
    {
      ...options,
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: root,
    },
  );
  const made = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => {
    made.set(relative(root, file), text);
  });
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length === 0) return made;
  throw new Error(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (file) => file,
      getCurrentDirectory: () => root,
      getNewLine: () => "\n",
    }),
  );
}

/** The doors' declarations and all that they import, directly or not. */
function reached(made: ReadonlyMap<string, string>, doors: readonly string[]): string[] {
  const found = new Set(doors.map((door) => declarationName(publishedName(door))));
  for (const file of found) {
    const text = made.get(file);
    if (text === undefined) throw new Error(`${file} was not made`);
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith(".")) found.add(declarationName(join(dirname(file), fileName)));
      else if (!allowedPackage.test(fileName))
        throw new Error(`${file} names "${fileName}", which a user of the package does not have`);
    }
  }
  return [...found].sort();
}

function declarationName(file: string): string {
  return file.replace(/\.[jt]s$/, ".d.ts");
}
