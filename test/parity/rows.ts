/**
 * @module Reads the rows of docs/parity.md from the tests: a comment `// parity: OPERATIONS | SOURCE` above a suite
 * or a test. A test without operations or without a source takes its suite's; a test in no such suite is no row.
 */
import { readFileSync } from "node:fs";
import ts from "typescript";

/** One rule that a test holds. */
export interface ParityRow {
  /** `METHOD /path`, with `: part` where an operation has many rules, or another subject's name. */
  readonly subject: string;
  /** The test's title, with its cases where it has a table of them. */
  readonly rule: string;
  /** Where it is known from. */
  readonly source: string;
  /** Path of the test file. */
  readonly file: string;
}

interface Tag {
  readonly subjects: readonly string[];
  readonly source: string;
}

const none: Tag = { subjects: [], source: "" };

/** @throws {Error} A tag that says too little, with file and line. */
export function parityRows(file: string, path: string): ParityRow[] {
  const text = readFileSync(path, "utf8");
  if (!text.includes("// parity:")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const rows: ParityRow[] = [];
  visit(source, none);
  return rows;

  function visit(node: ts.Node, inherited: Tag): void {
    const call = ts.isCallExpression(node) ? testCall(node) : undefined;
    const tag = call === undefined ? inherited : tagOf(node, inherited);
    if (call?.kind !== "test") {
      ts.forEachChild(node, (child) => visit(child, tag));
      return;
    }
    if (tag.subjects.length === 0) return;
    if (tag.source === "") throw new Error(`${place(node)}: the parity tag names no source`);
    const rule = ruleOf(node as ts.CallExpression, call.callee, source);
    for (const subject of tag.subjects) rows.push({ subject, rule, source: tag.source, file });
  }

  function tagOf(node: ts.Node, inherited: Tag): Tag {
    const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    const written = comments
      .map(({ pos, end }) => text.slice(pos, end))
      .filter((comment) => comment.startsWith("// parity:"));
    if (written.length === 0) return inherited;
    const [subjects = "", from = ""] = written
      .map((comment) => comment.replace("// parity:", "").trim())
      .join(" ")
      .split("|")
      .map((part) => part.trim());
    return {
      subjects: subjects === "" ? inherited.subjects : subjects.split(/,\s*/),
      source: from === "" ? inherited.source : from,
    };
  }

  function place(node: ts.Node): string {
    return `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  }
}

/** `test(…)`, `suite(…)`, and what comes with `.each(…)`, `.runIf(…)`. */
function testCall(
  call: ts.CallExpression,
): { kind: "test" | "suite"; callee: ts.Expression } | undefined {
  let callee: ts.Expression = call.expression;
  if (ts.isCallExpression(callee)) callee = callee.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  if (!ts.isIdentifier(name) || (name.text !== "test" && name.text !== "suite")) return undefined;
  // `test.each(…)` alone is the inner half of the call that has the title.
  const inner = ts.isPropertyAccessExpression(callee) && callee === call.expression;
  return inner ? undefined : { kind: name.text, callee: call.expression };
}

function ruleOf(call: ts.CallExpression, callee: ts.Expression, source: ts.SourceFile): string {
  const [titleNode] = call.arguments;
  const title = titleNode && ts.isStringLiteralLike(titleNode) ? titleNode.text : "(a title)";
  if (!ts.isCallExpression(callee) || !/%[sji]/.test(title)) return title;
  const cases = casesOf(callee.arguments[0], source);
  const rule = title.replace(/%[sji]/, "…").replaceAll(/%[sji]/g, "…");
  return cases.length === 0 ? rule : `${rule} (${cases.join("; ")})`;
}

/** The first text of each case, where the table is written out or is a constant of the file. */
function casesOf(table: ts.Expression | undefined, source: ts.SourceFile): string[] {
  if (table === undefined) return [];
  if (ts.isAsExpression(table) || ts.isSatisfiesExpression(table)) {
    return casesOf(table.expression, source);
  }
  if (ts.isIdentifier(table)) {
    const declared = source.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => [...declarationList.declarations])
      .find(({ name }) => ts.isIdentifier(name) && name.text === table.text);
    return casesOf(declared?.initializer, source);
  }
  if (!ts.isArrayLiteralExpression(table)) return [];
  return table.elements.flatMap((element) => {
    const texts = ts.isArrayLiteralExpression(element) ? [...element.elements] : [element];
    const first = texts.find(ts.isStringLiteralLike);
    return first === undefined || first.text === "" ? [] : [first.text];
  });
}
