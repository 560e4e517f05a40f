/**
 * @module Loaded before the program (`NODE_OPTIONS=--require`): puts off two packages that
 * `@pulumi/pulumi` loads at once and that a program without serialised functions never uses. They
 * take more than half of its loading time.
 *
 * Each is replaced by an object that loads the real one on the first look at it. Plain CommonJS,
 * for any Node; an unknown future Node that has no `_load` gets no change.
 */
"use strict";
const Module = require("node:module");

const deferred = new Set(["typescript", "@npmcli/arborist"]);
const sdk = /[\\/]node_modules[\\/]@pulumi[\\/]pulumi[\\/]/;

const load = Module._load;
if (typeof load === "function" && typeof Module._resolveFilename === "function") {
  Module._load = function (request, parent, isMain) {
    if (!deferred.has(request) || !sdk.test(parent?.filename ?? "")) {
      return load.call(this, request, parent, isMain);
    }
    // A package that is missing must fail here and now: the SDK then takes another.
    const file = Module._resolveFilename(request, parent, isMain);
    return later(() => load.call(Module, file, parent, false));
  };
}

/** An object that becomes `make()` when something is read from it. */
function later(make) {
  let made;
  const real = () => {
    made ??= make();
    return made;
  };
  return new Proxy(
    {},
    {
      // What a transpiled `import * as` asks first; true keeps it from copying every member.
      get: (_, key) => (key === "__esModule" ? true : real()[key]),
      has: (_, key) => key in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor(_, key) {
        const found = Reflect.getOwnPropertyDescriptor(real(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
}
