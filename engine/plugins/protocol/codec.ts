/**
 * @module Property values on the wire: a protobuf Struct in which unknowns and secrets are sentinels.
 *
 * @see {@link https://github.com/pulumi/pulumi/blob/master/sdk/proto/go/provider.pb.go | pulumirpc}: every
 * property bag of the provider protocol is a google.protobuf.Struct.
 */

import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import {
  isMap,
  type PropertyMap,
  type PropertyValue,
  ResourceReference,
  Secret,
  UNKNOWN,
} from "./value.ts";

type Struct = InstanceType<typeof structPb.Struct>;
type Value = InstanceType<typeof structPb.Value>;

/** The key that marks an object of the wire as something other than a map. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** The text that stands for an unknown; the other types have texts of their own. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_TEXTS = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a property bag. An absent one is empty. */
export function decodeMap(struct: Struct | undefined): PropertyMap {
  const entries: [string, PropertyValue][] = [];
  struct?.getFieldsMap().forEach((value, key) => {
    entries.push([key, decode(value)]);
  });
  return Object.fromEntries(entries);
}

/** Writes a property bag. */
export function encodeMap(map: PropertyMap): Struct {
  const struct = new structPb.Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(map)) fields.set(key, encode(value));
  return struct;
}

function decode(value: Value): PropertyValue {
  const kinds = structPb.Value.KindCase;
  switch (value.getKindCase()) {
    case kinds.BOOL_VALUE:
      return value.getBoolValue();
    case kinds.NUMBER_VALUE:
      return value.getNumberValue();
    case kinds.STRING_VALUE: {
      const text = value.getStringValue();
      return UNKNOWN_TEXTS.has(text) ? UNKNOWN : text;
    }
    case kinds.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map(decode);
    case kinds.STRUCT_VALUE:
      return fromSigned(decodeMap(value.getStructValue()));
    default:
      return null;
  }
}

/** Turns an object with a signature into what it stands for. Assets stay objects: no resource of ours reads one. */
function fromSigned(map: PropertyMap): PropertyValue {
  switch (Object.hasOwn(map, SIGNATURE) ? map[SIGNATURE] : undefined) {
    case SECRET:
      return new Secret(map["value"] ?? null);
    case OUTPUT: {
      const known = Object.hasOwn(map, "value") ? (map["value"] ?? null) : UNKNOWN;
      return map["secret"] === true ? new Secret(known) : known;
    }
    case RESOURCE: {
      const { urn, id } = map;
      return new ResourceReference(
        typeof urn === "string" ? urn : "",
        typeof id === "string" || id === UNKNOWN ? id : undefined,
      );
    }
    default:
      return map;
  }
}

function encode(value: PropertyValue): Value {
  const out = new structPb.Value();
  if (value === null) return out.setNullValue(structPb.NullValue.NULL_VALUE);
  if (value === UNKNOWN) return out.setStringValue(UNKNOWN_TEXT);
  if (typeof value === "boolean") return out.setBoolValue(value);
  if (typeof value === "number") return out.setNumberValue(value);
  if (typeof value === "string") return out.setStringValue(value);
  if (value instanceof Secret) {
    return out.setStructValue(encodeMap({ [SIGNATURE]: SECRET, value: value.value }));
  }
  if (value instanceof ResourceReference) {
    const id = value.id === undefined ? {} : { id: value.id };
    return out.setStructValue(encodeMap({ [SIGNATURE]: RESOURCE, urn: value.urn, ...id }));
  }
  if (Array.isArray(value)) {
    const list = new structPb.ListValue();
    list.setValuesList(value.map(encode));
    return out.setListValue(list);
  }
  return isMap(value) ? out.setStructValue(encodeMap(value)) : out;
}
