/** @module `node pack/schema.ts [FILE]`: the components' Pulumi package schema, read from their TypeScript: what SDKs for other languages are made from. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const packageName = "token-vault-kit";

/** The door whose components the schema has. */
const door = "components/index.ts";

/** JSON of a Pulumi package schema, as far as components need it. */
type Json = string | boolean | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };

interface Reading {
  readonly checker: ts.TypeChecker;
  /** Object and enum types that were met, by token. */
  readonly types: Map<string, Json>;
  /** Where the door's reader stands, for errors. */
  readonly path: string;
}

/**
 * Reads the schema of the components from their declarations: arguments, outputs and what is written
 * about them. A property that takes no `Input` is plain: known before the program runs.
 *
 * @param root The repository, installed with `npm ci`.
 * @throws A type that other languages have no word for, with the property that has it.
 * @see [Pulumi package schema](https://www.pulumi.com/docs/using-pulumi/pulumi-packages/schema/)
 */
export function packageSchema(root: string, version: string): JsonMap {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([join(root, door)], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, door));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${door} is no module`);
  const types = new Map<string, Json>();
  const resources: [string, Json][] = [];
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = resolved(checker, exported);
    const declaration = symbol.declarations?.find(ts.isClassDeclaration);
    if (declaration === undefined || !isComponent(declaration)) continue;
    const reading = { checker, types, path: symbol.name };
    resources.push([tokenOf(symbol.name), resource(reading, symbol, declaration)]);
  }
  return {
    name: packageName,
    version,
    displayName: "Auth0 Token Vault kit",
    description: "Components that give AI agents an internal OAuth2 API through Auth0 Token Vault.",
    license: "MIT",
    keywords: ["kind/component", "auth0"],
    language: {},
    types: Object.fromEntries([...types].sort(byKey)),
    resources: Object.fromEntries(resources.sort(byKey)),
  };
}

/** The token of a component or a type: part of the package's versioning. */
function tokenOf(name: string): string {
  return `${packageName}:index:${name}`;
}

function byKey([one]: [string, Json], [other]: [string, Json]): number {
  return one < other ? -1 : 1;
}

function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isComponent(declaration: ts.ClassDeclaration): boolean {
  const parents = declaration.heritageClauses?.flatMap(({ types }) => [...types]) ?? [];
  return parents.some(({ expression }) => /\bComponentResource$/.test(expression.getText()));
}

function resource(reading: Reading, symbol: ts.Symbol, declaration: ts.ClassDeclaration): Json {
  const { checker } = reading;
  const args = declaration.members.find(ts.isConstructorDeclaration)?.parameters[1];
  if (args === undefined) throw new Error(`${reading.path}: its constructor takes no arguments`);
  const inputs = object(reading, checker.getTypeAtLocation(args));
  const own = declaration.members.filter(ts.isPropertyDeclaration);
  const outputs = own.map((member) => property(reading, checker.getSymbolAtLocation(member.name)));
  const { properties, required } = collected(outputs);
  return {
    isComponent: true,
    description: text(checker, symbol),
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
    properties,
    required,
  };
}

interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly spec: Json;
}

function object(reading: Reading, type: ts.Type) {
  return collected(type.getProperties().map((each) => property(reading, each)));
}

function collected(all: readonly Property[]): { properties: JsonMap; required: string[] } {
  return {
    properties: Object.fromEntries(all.map(({ name, spec }) => [name, spec])),
    required: all.flatMap(({ name, required }) => (required ? [name] : [])),
  };
}

function property(reading: Reading, symbol: ts.Symbol | undefined): Property {
  // A property that several types of a union have is declared in each, and has no one declaration.
  const declaration = symbol?.valueDeclaration ?? symbol?.declarations?.[0];
  if (symbol === undefined || declaration === undefined) {
    throw new Error(`${reading.path}: a property has no declaration`);
  }
  const { checker } = reading;
  const { name } = symbol;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const description = text(checker, symbol);
  const own = { ...reading, path: `${reading.path}.${name}` };
  const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0 || parts(type).some(isUndefined);
  const given = typeSpec(own, type);
  const spec = {
    ...given,
    ...(description === "" ? {} : { description }),
    // The components wrap these themselves; other languages are to know.
    ...(/(?:Secret|Token)$/.test(name) ? { secret: true } : {}),
  };
  return { name, required: !optional, spec };
}

function parts(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

function isUndefined(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Undefined) !== 0;
}

/** A type in the schema's words. An `Input<T>` or `Output<T>` is T; what is neither is plain. */
function typeSpec(reading: Reading, type: ts.Type): { readonly [key: string]: Json } {
  const given = parts(type).filter((each) => !isUndefined(each));
  const inner = given.map((each) => outputOf(reading.checker, each));
  if (inner.some((each) => each !== undefined)) {
    const [first] = inner.filter((each) => each !== undefined);
    return plainSpec(reading, parts(first as ts.Type));
  }
  const spec = plainSpec(reading, given);
  return "$ref" in spec && String(spec["$ref"]).startsWith("#/resources/")
    ? spec
    : { ...spec, plain: true };
}

/** T of an `Output<T>`: the part of an `Input<T>` by which it is known. */
function outputOf(checker: ts.TypeChecker, type: ts.Type): ts.Type | undefined {
  const name = type.aliasSymbol?.name ?? type.symbol?.name ?? "";
  if (!/^(Output|OutputInstance)$/.test(name)) return undefined;
  const args = type.aliasTypeArguments ?? checker.getTypeArguments(type as ts.TypeReference);
  return args[0];
}

function plainSpec(reading: Reading, given: readonly ts.Type[]): { readonly [key: string]: Json } {
  const { checker } = reading;
  const [first] = given;
  if (first === undefined) throw new Error(`${reading.path}: has no type`);
  if (given.every((each) => each.flags & ts.TypeFlags.StringLike)) {
    return given.every((each) => each.isStringLiteral())
      ? enumSpec(
          reading,
          given.map((each) => (each as ts.StringLiteralType).value),
        )
      : { type: "string" };
  }
  if (given.every((each) => each.flags & ts.TypeFlags.NumberLike)) return { type: "number" };
  if (given.every((each) => each.flags & ts.TypeFlags.BooleanLike)) return { type: "boolean" };
  if (first.flags & ts.TypeFlags.NonPrimitive) return { $ref: "pulumi.json#/Any" };
  if (given.length > 1) return { oneOf: given.map((each) => plainSpec(reading, [each])) };
  if (checker.isArrayType(first)) {
    const [item] = checker.getTypeArguments(first as ts.TypeReference);
    return { type: "array", items: plainSpec(reading, parts(item as ts.Type)) };
  }
  const declaration = first.symbol?.declarations?.[0];
  if (declaration !== undefined && ts.isClassDeclaration(declaration) && isComponent(declaration)) {
    return { $ref: `#/resources/${tokenOf(first.symbol.name)}` };
  }
  if (declaration !== undefined && ts.isInterfaceDeclaration(declaration)) {
    return objectSpec(reading, first);
  }
  throw new Error(`${reading.path}: the schema has no word for ${checker.typeToString(first)}`);
}

function objectSpec(reading: Reading, type: ts.Type): { readonly [key: string]: Json } {
  const { name } = type.symbol;
  const token = tokenOf(name);
  if (!reading.types.has(token)) {
    const description = text(reading.checker, type.symbol);
    reading.types.set(token, {});
    reading.types.set(token, {
      type: "object",
      description,
      ...object({ ...reading, path: name }, type),
    });
  }
  return { $ref: `#/types/${token}` };
}

/** Named for the property that takes it: `Tunnel.kind` is TunnelKind. */
function enumSpec(
  { types, path }: Reading,
  values: readonly string[],
): { readonly [key: string]: Json } {
  const [owner = "", name = ""] = path
    .replace(/Args\./, ".")
    .split(".")
    .slice(-2);
  const token = tokenOf(`${owner}${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  types.set(token, { type: "string", enum: [...values].sort().map((value) => ({ value })) });
  return { $ref: `#/types/${token}` };
}

/** What is written above a declaration, without tags. */
function text(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  return ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replace(/\{@link (\w+)\}/g, "`$1`");
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = resolve(process.argv[2] ?? join(root, "dist/schema.json"));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(packageSchema(root, version), null, 2)}\n`);
  console.log(file);
}
