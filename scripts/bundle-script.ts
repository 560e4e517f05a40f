/** @module Turns a script file into the one function that an Auth0 connection carries as text. */
import { builtinModules, createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import type { BuildFailure, Message, Metafile } from "esbuild";

export interface BundleScriptOptions {
  /** The file, TypeScript or JavaScript; relative to the working directory. */
  readonly entry: string;
  /** Identifiers to replace, each with the text of an expression, e.g. `JSON.stringify(url)`. */
  readonly define?: Readonly<Record<string, string>>;
  /** The exported function, and the name of the result. Default `fetchUserProfile`. */
  readonly name?: string;
  /** Packages that your tenant's sandbox has besides `request`, `jsonwebtoken` and Node's own modules. */
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

/** The package is installed without the bundler, which only programs with a script of their own need. */
export class BundlerMissingError extends Error {
  readonly code = "BUNDLER_MISSING";
  readonly hint = "Run: npm install --save-dev esbuild";

  constructor(cause: unknown) {
    super("a script of your own is bundled with esbuild, which is not installed", { cause });
    this.name = "BundlerMissingError";
  }
}

/** The most that Auth0 takes as `options.scripts.fetchUserProfile`. */
export const maxScriptCharacters = 51_200;

/** What Auth0's sandbox has besides Node's own modules (inferred: those its documentation uses). */
const sandboxPackages: readonly string[] = ["jsonwebtoken", "request"];

/** How esbuild's messages name our own line, which imports the script. */
const startFile = "the bundler";

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
 * @throws {BundlerMissingError} `BUNDLER_MISSING`: esbuild is not installed.
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
  const start = `import * as script from "./${basename(file)}"; script.${name}(accessToken, context, callback);`;
  const toProblem = (message: Message) => problemOf(message, entry, name);
  try {
    const result = esbuild().buildSync({
      // The parameters are free names here, so esbuild gives the script's own other ones.
      stdin: { contents: start, resolveDir: folder, sourcefile: startFile },
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
    // A warning is about code that can't mean what it says: better refused here than run there.
    const problems = result.warnings.map(toProblem);
    return { text: result.outputFiles[0]?.text ?? "", metafile: result.metafile, problems };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { text: "", problems: error.errors.map(toProblem) };
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function problemOf({ text, location }: Message, entry: string, name: string): string {
  if (location === null) return text;
  if (location.file !== startFile) {
    return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
  }
  const missing = text.startsWith("Could not resolve");
  return missing ? `${entry}: there is no such file` : `${entry} does not export ${name}`;
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
  return esbuild().transformSync(script, { target, legalComments: "none", logLevel: "silent" })
    .code;
}

/** Loaded at the first bundle: a program with no script of its own does not pay for it. */
function esbuild(): typeof import("esbuild") {
  try {
    return createRequire(import.meta.url)("esbuild");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
    throw missing ? new BundlerMissingError(error) : error;
  }
}
