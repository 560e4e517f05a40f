import fc from "fast-check";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { assert, suite, test } from "vitest";
import { decodeMap, encodeMap } from "../../../engine/plugins/protocol/codec.ts";
import { formatPath, parsePath, within } from "../../../engine/plugins/protocol/path.ts";
import { seal, secretPaths, secretTexts } from "../../../engine/plugins/protocol/secrets.ts";
import {
  hasUnknown,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  revealMap,
  Secret,
  same,
  UNKNOWN,
} from "../../../engine/plugins/protocol/value.ts";

/** google-protobuf itself cannot hold `__proto__`. */
const key = fc.string().filter((text) => text !== "__proto__");
const { value: anyValue } = fc.letrec<{ value: PropertyValue; map: PropertyMap }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.constant(UNKNOWN),
    fc
      .tuple(fc.string(), fc.option(fc.string(), { nil: undefined }))
      .map(([urn, id]) => new ResourceReference(urn, id)),
    tie("value").map((inner) => new Secret(inner)),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("map"),
  ),
  map: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));
const anyMap = fc.dictionary(key, anyValue);
const plainJson = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }));

suite("decodeMap() and encodeMap()", () => {
  test("carry any value there and back through the bytes of the wire", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        const bytes = encodeMap(map).serializeBinary();
        assert.deepEqual(decodeMap(structPb.Struct.deserializeBinary(bytes)), map);
      }),
    );
  });

  test.each([
    ["boolean", "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"],
    ["number", "3eeb2bf0-c639-47a8-9e75-3b44932eb421"],
    ["string", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
    ["array", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"],
    ["object", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"],
  ])("read the sentinel of an unknown %s", (_type, sentinel) => {
    assert.deepEqual(decodeMap(structPb.Struct.fromJavaScript({ value: sentinel })), {
      value: UNKNOWN,
    });
  });

  test("write a secret as the engine's signed object", () => {
    assert.deepEqual(encodeMap({ key: new Secret("text") }).toJavaScript(), {
      key: {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value: "text",
      },
    });
  });

  test("read an output value as what it stands for", () => {
    const signed = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    const wire = {
      known: { ...signed, value: "text" },
      unknown: { ...signed, dependencies: ["urn:a"] },
      secret: { ...signed, value: "text", secret: true },
    };
    assert.deepEqual(decodeMap(structPb.Struct.fromJavaScript(wire)), {
      known: "text",
      unknown: UNKNOWN,
      secret: new Secret("text"),
    });
  });
});

suite("secretPaths() and seal()", () => {
  test("make secret again what was secret, and nothing less", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        const sealed = seal(revealMap(map), secretPaths(map));
        const open = secretTexts(map).filter((text) => !secretTexts(sealed).includes(text));
        assert.deepEqual(open, []);
      }),
    );
  });

  test("keep the values as they are", () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        const plain = revealMap(map);
        const sealed = revealMap(seal(plain, secretPaths(map)));
        assert.isTrue(hasUnknown(plain) || same(sealed, plain));
      }),
    );
  });

  test("make a whole list secret for one secret in it, since its order may change", () => {
    assert.deepEqual(seal({ list: ["a", "b"] }, [["list", 1]]), { list: new Secret(["a", "b"]) });
  });

  test("pass over a place that is not there", () => {
    assert.deepEqual(
      seal({ a: "b" }, [
        ["c", "d"],
        ["a", "e"],
      ]),
      { a: "b" },
    );
  });
});

suite("same()", () => {
  test("takes maps with other orders of keys for the same", () => {
    assert.isTrue(same({ a: 1, b: [2] }, { b: [2], a: 1 }));
  });

  test("is true of any JSON and itself", () => {
    fc.assert(
      fc.property(plainJson, (json) => same(json as never, structuredClone(json) as never)),
    );
  });

  test("is false of unknown values, which may turn out to be anything", () => {
    assert.isFalse(same(UNKNOWN, UNKNOWN));
  });
});

suite("formatPath() and parsePath()", () => {
  const part = fc.oneof(
    fc.nat({ max: 99 }),
    fc.string({ minLength: 1 }).filter((text) => text !== "*"),
  );

  test("are each other's inverse", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(part), (first, rest) => {
        assert.deepEqual(parsePath(formatPath([first, ...rest])), [first, ...rest]);
      }),
    );
  });

  test.each([
    ["options.scopes[0]", ["options", "scopes", 0]],
    ['metadata["a.b"]', ["metadata", "a.b"]],
    ["options[*].name", ["options", "*", "name"]],
  ])("reads %s", (text, path) => {
    assert.deepEqual(parsePath(text), path);
  });

  test("a path lies within each of its beginnings, with * for any part", () => {
    assert.isTrue(within(["a", "b", 0], ["a"]));
    assert.isTrue(within(["a", "b", 0], ["a", "*"]));
    assert.isFalse(within(["a"], ["a", "b"]));
    assert.isFalse(within(["ab"], ["a"]));
  });
});
