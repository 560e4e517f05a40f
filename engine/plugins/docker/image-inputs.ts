/** @module The inputs of an image: checked, completed with the digest of what will be built, and compared. */

import { join } from "node:path";
import type { Change, Checked, Failure } from "../protocol/plugin.ts";
import {
  hasUnknown,
  isMap,
  isPlainMap,
  type PlainMap,
  type PropertyMap,
  revealMap,
  same,
  UNKNOWN,
} from "../protocol/value.ts";
import { buildContext } from "./build-context.ts";
import { block, failuresOf, flag, type Properties, text, textMap, texts } from "./property.ts";

const properties: Properties = {
  imageName: text({ required: true }),
  build: block(
    {
      context: text(),
      dockerfile: text(),
      args: textMap(),
      target: text(),
      platform: text(),
      network: text(),
      addHosts: texts(),
      builderVersion: text({ choices: ["BuilderV1", "BuilderBuildKit"] }),
      contextDigest: text(),
    },
    { required: true },
  ),
  buildOnPreview: flag(),
  skipPush: flag(),
  registry: block({ server: text(), username: text(), password: text() }),
};

/** Checks the inputs and puts the digest of what will be built among them, as the official provider does. */
export function checkedImage(news: PropertyMap): Checked {
  const inputs: PropertyMap = Object.fromEntries(
    Object.entries(news).filter(([name, value]) => value !== null && !name.startsWith("__")),
  );
  const plain = revealMap(inputs);
  const failures: Failure[] = failuresOf(plain, properties);
  if (plain["skipPush"] !== true && plain["skipPush"] !== UNKNOWN) {
    const reason =
      "must be true: the kit's docker plugin pushes to no registry. Set TVK_PLUGINS=official to use the official plugin";
    failures.push({ path: ["skipPush"], reason });
  }
  const { build } = inputs;
  if (failures.length > 0 || !isMap(build)) return { inputs, failures };
  const { context, dockerfile } = revealMap(build);
  if (hasUnknown([context ?? null, dockerfile ?? null])) {
    return { inputs: { ...inputs, build: { ...build, contextDigest: UNKNOWN } }, failures };
  }
  const folder = String(context ?? ".");
  const file = String(dockerfile ?? join(folder, "Dockerfile"));
  const { digest } = buildContext(folder, file);
  const filled = { ...build, context: folder, dockerfile: file, contextDigest: digest };
  return { inputs: { ...inputs, build: filled }, failures };
}

/** In what an image must be built anew. */
export function imageChanges(news: PlainMap, olds: PlainMap): Change[] {
  const [build, oldBuild] = [news["build"], olds["build"]].map((each) =>
    isPlainMap(each) ? each : {},
  ) as [PlainMap, PlainMap];
  return [
    ...differences(build, oldBuild, Object.keys(properties["build"]?.fields ?? {}), ["build"]),
    ...differences(news, olds, ["imageName", "registry", "buildOnPreview", "skipPush"], []),
  ];
}

/** Another name is another image: the old one goes once nothing uses it. */
function differences(news: PlainMap, olds: PlainMap, names: string[], at: string[]): Change[] {
  return names.flatMap((name): Change[] => {
    const [one, other] = [news[name] ?? null, olds[name] ?? null];
    if (same(one, other)) return [];
    const kind = one === null ? "delete" : other === null ? "add" : "update";
    return [{ path: [...at, name], kind, replaces: name === "imageName", inputOnly: true }];
  });
}
