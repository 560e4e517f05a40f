/** The import arrows of docs/architecture.md, as a check. */
const rooms = [
  "components",
  "scripts",
  "runtime",
  "cli",
  "helpdesk",
  "tenant",
  "engine",
  "adoption",
  "environments",
  "services",
  "locks",
  "policy",
  "pack",
];
const others = (...allowed) => `^(${rooms.filter((room) => !allowed.includes(room)).join("|")})/`;
const only = (room, ...allowed) => ({
  name: `${room}-imports`,
  comment: `${room}/ may import only itself${allowed.length ? ` and ${allowed.join(", ")}` : ""} among the rooms`,
  severity: "error",
  from: { path: `^${room}/` },
  to: { path: others(room, ...allowed) },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "runtime-stands-alone",
      comment: "runtime/ has no dependency at all: no package, no Node built-in, no other room",
      severity: "error",
      from: { path: "^runtime/", pathNot: "^runtime/node/" },
      to: { pathNot: "^runtime/" },
    },
    {
      name: "runtime-node-has-built-ins-only",
      comment: "runtime/node/ may use Node's built-ins and the runtime, and nothing else",
      severity: "error",
      from: { path: "^runtime/node/" },
      to: { pathNot: "^runtime/", dependencyTypesNot: ["core"] },
    },
    {
      name: "runtime-without-its-node-part",
      comment: "an app that is not on Node never loads runtime/node/",
      severity: "error",
      from: { path: "^runtime/[^/]+$" },
      to: { path: "^runtime/node/" },
    },
    only("engine", "locks"),
    only("adoption", "engine"),
    only("environments", "engine", "locks"),
    only("services", "locks"),
    only("locks"),
    only("pack"),
    only("policy"),
    only("scripts"),
    only("tenant"),
    only("helpdesk"),
    only("components", "scripts"),
    only(
      "cli",
      "scripts",
      "runtime",
      "helpdesk",
      "tenant",
      "engine",
      "adoption",
      "environments",
      "services",
      "locks",
      "policy",
    ),
    {
      name: "nobody-imports-the-doors",
      comment:
        "index.ts is loaded by the engine through program.mjs, cli/ by a person, test/ by the test runner",
      severity: "error",
      from: { pathNot: "^((cli|test|bench)/|(program\\.mjs|vitest\\.config\\.ts)$)" },
      to: { path: "^(index\\.ts|cli/|test/)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(node_modules|\\.tvk|dist|test/official-clients)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
