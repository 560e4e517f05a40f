/** @module THIRD-PARTY-NOTICES.md: which libraries are in the bundles, and under which licence. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A bundled library. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** Texts of its licence and notice files. */
  readonly texts: readonly string[];
}

/** Licences that let us hand the code on in this way. Another one is for a person to look at. */
const accepted = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.object({ name: z.string() })]).optional(),
});

/**
 * The libraries that files come from.
 *
 * @param inputs What was bundled, as paths from the repository.
 * @throws A library has a licence that nobody has looked at.
 */
export function bundledLibraries(root: string, inputs: readonly string[]): Library[] {
  const folders = new Set(
    inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const libraries = [...folders].map((folder) => library(join(root, folder)));
  const known = new Map(libraries.map((each) => [`${each.name} ${each.version}`, each]));
  const keys = [...known.keys()].sort();
  return keys.flatMap((key) => known.get(key) ?? []);
}

/** The text of THIRD-PARTY-NOTICES.md. */
export function noticesText(libraries: readonly Library[]): string {
  const rows = libraries.map(
    ({ name, version, license }) => `| ${name} | ${version} | ${license} |`,
  );
  const sections = libraries.map(
    ({ name, version, texts }) =>
      `## ${name} ${version}\n\n${texts.map((text) => `\`\`\`\`\`text\n${text}\n\`\`\`\`\`\n`).join("\n")}`,
  );
  return `# Third-party notices

This package contains code of the following libraries.

| library | version | licence |
|---|---|---|
${rows.join("\n")}

${sections.join("\n")}`;
}

function library(folder: string): Library {
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const { name, version, license } = manifest;
  if (!license.split(/[\s()]+|AND|OR/).every((each) => each === "" || accepted.has(each))) {
    throw new Error(`${name} ${version} is under "${license}": see whether it may be published`);
  }
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file) && !/\.(js|ts)$/.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (texts.length > 0) return { name, version, license, texts };
  return { name, version, license, texts: [withoutFile(folder, manifest)] };
}

/** Some packages carry their licence in the README, or only name it. */
function withoutFile(folder: string, { license, author }: z.infer<typeof manifestSchema>): string {
  const readme = ["README.md", "readme.md"].map((file) => join(folder, file)).find(existsSync);
  const text = readme === undefined ? "" : readFileSync(readme, "utf8");
  const section = /^#+ *licen[cs]e\b[^\n]*\n(.*?)(?=^#|(?![\s\S]))/ims.exec(text)?.[1]?.trim();
  const owner = typeof author === "object" ? author.name : author;
  const named = `Licence: ${license}${owner === undefined ? "" : `. Author: ${owner}`}`;
  return section === undefined ? named : `${named}\n\n${section}`;
}
