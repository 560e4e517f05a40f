/** @module docs/parity.md, made from the tests' rows, the tenant's operations and its fields without effect. */
import type { Endpoint } from "../../tenant/management/endpoint.ts";
import type { Operations } from "../tenant/operations.ts";
import type { SpecException } from "../tenant/spec/spec-exceptions.ts";
import type { ParityRow } from "./rows.ts";

export interface ParityFacts {
  readonly rows: readonly ParityRow[];
  readonly operations: readonly Operations[];
  readonly endpoints: readonly Endpoint[];
  readonly exceptions: readonly SpecException[];
}

/** One table of the page. */
interface Table {
  readonly title: string;
  readonly has: (subject: string) => boolean;
}

const titles: Readonly<Record<Operations["name"], string>> = {
  management: "Management API",
  authentication: "Authentication API",
  "my-account": "My Account API",
};

/** Paths of the Authentication API, the pages of universal login among them. */
const authenticationPath =
  /^[A-Z]+ \/(authorize|oauth|userinfo|v2|oidc|dbconnections|\.well-known|login|u)\b/;

const tables: readonly Table[] = [
  { title: titles.authentication, has: (subject) => authenticationPath.test(subject) },
  {
    title: titles["my-account"],
    has: (subject) => /^[A-Z]+ \/(me|connected-accounts)\//.test(subject),
  },
  { title: "Custom OAuth2 connections", has: (subject) => !/^[A-Z]+ \//.test(subject) },
  { title: titles.management, has: () => true },
];

/** @throws {Error} Rows of operations that the tenant does not have, and operations without a row. */
export function parityPage(facts: ParityFacts): string {
  check(facts);
  const counts = facts.operations.map(
    ({ name, available, unavailable }) =>
      `| ${titles[name]} | ${available.length} | ${available.length + unavailable.length} |`,
  );
  const left = [...facts.rows];
  const sections = tables.map(({ title, has }) => {
    const own = left.filter(({ subject }) => has(subject));
    for (const row of own) left.splice(left.indexOf(row), 1);
    return `## ${title}\n\n${rowsTable(own)}`;
  });
  return [
    introduction,
    `| API | operations here | published |\n|---|---|---|\n${counts.join("\n")}`,
    ...sections,
    `## Kept and answered, without the effect it has at Auth0\n\n${inertText}\n\n${inertTable(facts.endpoints)}`,
    `## Where the descriptions are not followed\n\n${exceptionText}\n\n${exceptionTable(facts.exceptions)}`,
    `## Not done: answers 501 with its name\n\n${unavailableList(facts.operations)}`,
  ].join("\n\n");
}

const introduction = `# Parity

What the local tenant has of Auth0, and which test holds it. Made by \`npm run parity\` from the tests: a row is a test, its rule the test's title, its source where we know the rule from. A check compares this page with what the tests give. Paths of tests are below \`test/tenant/\`.

Sources: "recordings" are the answers of the service that Auth0's Terraform provider keeps for its tests; "OpenAPI" is Auth0's published description of the API; "docs" are Auth0's documentation pages; "SDK" is the source of Auth0's client libraries; "field" is what several public programs report of the service, which is weaker; "(inferred)" is our choice where no source says it. Every answer that a tenant gives in the process of a test is also held to the OpenAPI documents and to the log schema.`;

const inertText =
  "The tenant counts each of these when a request sets it, writes it to its log, and shows it on its dashboard. `=` names the value that asks for nothing.";

const exceptionText =
  "Answers whose status or form the published descriptions do not list, and why.";

function check({ rows, operations }: ParityFacts): void {
  const known = new Set(
    operations.flatMap(({ name, base, available }) =>
      available.map((each) => named(each, name === "my-account" ? base : "")),
    ),
  );
  const covered = new Set(rows.map(({ subject }) => subject.split(": ")[0]));
  const problems = [
    ...[...known]
      .filter((each) => !covered.has(each))
      .map((each) => `${each}: the tenant has it, and no test with a parity tag is about it`),
    ...operations
      .flatMap(({ unavailable }) => unavailable)
      .filter((each) => covered.has(each))
      .map((each) => `${each}: a parity tag names it, but the tenant answers 501`),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

function named(operation: string, base: string): string {
  const [method, path] = operation.split(" ");
  return `${method} ${base}${path}`;
}

function rowsTable(rows: readonly ParityRow[]): string {
  const sorted = rows.toSorted((one, other) => compare(order(one), order(other)));
  let last = "";
  const lines = sorted.map(({ subject, rule, source, file }) => {
    const first = subject === last ? "" : `\`${subject}\``;
    last = subject;
    return `| ${first} | ${cell(rule)} | ${cell(source)} | ${file.replace("test/tenant/", "")} |`;
  });
  return `| subject | rule | source | test |\n|---|---|---|---|\n${lines.join("\n")}`;
}

/** By path, then by method; rows of one subject keep the order of their tests. */
function order({ subject }: ParityRow): string {
  const [operation = "", part = ""] = subject.split(": ");
  const [method = "", path = ""] = operation.split(" ");
  return path.startsWith("/") ? `${path} ${method} ${part}` : subject;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function cell(text: string): string {
  return text
    .replaceAll("|", "\\|")
    .replaceAll(/[<>]/g, (sign) => (sign === "<" ? "&lt;" : "&gt;"))
    .replaceAll("*", "\\*");
}

function inertTable(endpoints: readonly Endpoint[]): string {
  const lines = endpoints
    .filter(({ inert }) => inert && inert.length > 0)
    .map(({ method, path, inert = [] }) => {
      const fields = inert.map((field) => `\`${field.replaceAll("|", " or ")}\``).join(", ");
      return `| \`${method} ${path}\` | ${fields} |`;
    });
  return `| operation | fields |\n|---|---|\n${lines.join("\n")}`;
}

function exceptionTable(exceptions: readonly SpecException[]): string {
  const lines = exceptions.map(({ operation, status, source }) => {
    const where =
      { "*": "every operation of the Management API", any: "every operation" }[operation] ??
      `\`${operation}\``;
    return `| ${where} | ${status} | ${cell(source)} |`;
  });
  return `| operation | status | why |\n|---|---|---|\n${lines.join("\n")}`;
}

function unavailableList(operations: readonly Operations[]): string {
  const parts = operations.map(({ name, unavailable }) => {
    const groups = Map.groupBy(unavailable, (operation) => operation.split("/")[1] ?? "");
    const lines = [...groups].map(
      ([group, all]) => `- ${group}: ${all.map((each) => `\`${each}\``).join(", ")}`,
    );
    return `### ${titles[name]}\n\n${lines.join("\n")}`;
  });
  return `${parts.join("\n\n")}\n`;
}
