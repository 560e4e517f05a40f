/** @module Turns a script file into the one function that an Auth0 connection carries as text. */
import { builtinModules } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { type BuildFailure, buildSync, type Message, type Metafile, transformSync } from "esbuild";

export interface BundleScriptOptions {
  /** The file, TypeScript or JavaScript; relative to the working directory. */
  readonly entry: string;
  /** Identifiers to replace, each with the text of an expression, e.g. `JSON.stringify(url)`. */
  readonly define?: Readonly<Record<string, string>>;
  /** The exported function, and the name of the result. Default `fetchUserProfile`. */
  readonly name?: string;
  /** Packages that your tenant's sandbox has besides {@link sandboxPackages}. */
  readonly packages?: readonly string[];
}

/** The script can't be deployed; `problems` has every reason that was found. */
export class ScriptBundleError extends Error {
  readonly problems: readonly string[];
  readonly hint = "Correct the script and run again: nothing has been deployed.";

  constructor(entry: string, problems: readonly string[]) {
    super(
      `the script ${entry} can't be bundled:\n${problems.map((each) => `  ${each}`).join("\n")}`,
    );
    this.name = "ScriptBundleError";
    this.problems = problems;
  }
}

/** The most that Auth0 takes as `options.scripts.fetchUserProfile`. */
export const maxScriptCharacters = 51_200;

/** What Auth0's sandbox has besides Node's own modules (inferred: those its documentation uses). */
export const sandboxPackages: readonly string[] = ["jsonwebtoken", "request"];

/** The oldest Node that a tenant's sandbox can be. */
const target = "node18";

/**
 * Bundles a script with all the files it imports into `function NAME(accessToken, context, callback) {…}`.
 *
 * The same files give the same text in every folder and on every machine: it has no paths, no
 * comments and no tsconfig in it. Modules of the sandbox stay `require` calls. Reads files; writes none.
 *
 * @returns JavaScript for Node 18, one function declaration, with a final newline.
 *
 * @throws {ScriptBundleError} Syntax errors, missing files or export, packages that the sandbox does
 * not have, too much text: all that can be told at once.
 *
 * @see [Auth0: fetch user profile script](https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/oauth2)
 *
 * @example
 * ```ts
 * const text = bundleScript({ entry: "./my-script.ts" });
 * ```
 */
export function bundleScript(options: BundleScriptOptions): string {
  const { entry, name = "fetchUserProfile" } = options;
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`"name" must be an identifier: ${name}`);
  const { text, metafile, problems } = bundled(options, name);
  if (metafile !== undefined) problems.push(...foreignPackages(metafile, options.packages ?? []));
  const script = `function ${name}(accessToken, context, callback) {\n"use strict";\n${text}}\n`;
  const pretty = problems.length === 0 ? printed(script) : "";
  if (pretty.length > maxScriptCharacters) {
    problems.push(
      `the bundle has ${pretty.length} characters, Auth0 takes ${maxScriptCharacters}: import less`,
    );
  }
  if (problems.length > 0) throw new ScriptBundleError(entry, problems);
  return pretty;
}

interface Bundled {
  readonly text: string;
  readonly metafile?: Metafile;
  readonly problems: string[];
}

function bundled({ entry, define = {} }: BundleScriptOptions, name: string): Bundled {
  const file = resolve(entry);
  const folder = dirname(file);
  try {
    const result = buildSync({
      // The parameters are free names here, so esbuild gives the script's own other ones.
      stdin: {
        contents: `import { ${name} } from "./${basename(file)}"; ${name}(accessToken, context, callback);`,
        resolveDir: folder,
        sourcefile: "the bundler",
      },
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: "cjs",
      platform: "node",
      packages: "external",
      target,
      define: { ...define },
      tsconfigRaw: "{}",
      legalComments: "none",
      // Without comments, in which esbuild names the files; printed() brings the lines back.
      minifyWhitespace: true,
      logLevel: "silent",
    });
    const text = result.outputFiles[0]?.text ?? "";
    const problems = result.warnings.map((warning) => toProblem(warning));
    return { text, metafile: result.metafile, problems };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { text: "", problems: error.errors.map((each) => toProblem(each, entry, name)) };
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function toProblem({ text, location }: Message, entry = "", name = ""): string {
  if (text.startsWith("No matching export")) return `${basename(entry)} does not export ${name}`;
  if (location === null) return text;
  if (location.file === "the bundler") return `${entry}: there is no such file`;
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}

function foreignPackages(metafile: Metafile, more: readonly string[]): string[] {
  const allowed = new Set([...builtinModules, ...sandboxPackages, ...more]);
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external && !allowed.has(path.replace(/^node:/, "")))
      .map(({ path }) => `${file}: imports "${path}", which Auth0's sandbox does not have`),
  );
}

function printed(script: string): string {
  return transformSync(script, { target, legalComments: "none", logLevel: "silent" }).code;
}
