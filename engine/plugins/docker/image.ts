/** @module docker:index/image:Image: an image built from a folder, and built again when what is in it changes. */

import type { ImageBuildOptions } from "dockerode";
import { within } from "../protocol/path.ts";
import { PluginError, type Resource } from "../protocol/plugin.ts";
import { seal, secretPaths } from "../protocol/secrets.ts";
import { isPlainMap, type Plain, type PlainMap, revealMap, UNKNOWN } from "../protocol/value.ts";
import { type BuildContext, buildContext } from "./build-context.ts";
import { type Daemon, statusOf, unlessGone } from "./daemon.ts";
import { checkedImage, imageChanges } from "./image-inputs.ts";
import { buildLabel, stackOfUrn, tagOf, urnLabel } from "./labels.ts";
import { followed } from "./progress.ts";

/** Label of an image that says what it was built from. */
const contextLabel = "tvk_context_digest";

export function imageResource(daemon: () => Daemon): Resource {
  const build = async (inputs: PlainMap, urn: string): Promise<PlainMap> => {
    const context = contextOf(inputs, { [buildLabel]: stackOfUrn(urn) });
    const name = String(inputs["imageName"]);
    const stream = await daemon().docker.buildImage(
      // Types know a stream only; a buffer is sent as it is.
      context.archive as unknown as NodeJS.ReadableStream,
      buildOptions(inputs, context, urn),
    );
    await followed(daemon().docker, stream);
    const { Id, Os, Architecture } = await daemon().docker.getImage(name).inspect();
    await removeOlder(urn, name, Id);
    return outputsOf(inputs, context, Id, `${Os}/${Architecture}`);
  };

  /**
   * Images of earlier builds, unless a container still uses them: the next build or the delete takes those.
   * One that has another name is another folder's, whose stack has the same URN.
   */
  const removeOlder = async (urn: string, name: string, except: string): Promise<void> => {
    const { docker } = daemon();
    const filters = { label: [`${urnLabel}=${urn}`] };
    for (const { Id, RepoTags } of await docker.listImages({ all: false, filters })) {
      const tag = tagOf(RepoTags);
      if (Id === except || (tag !== undefined && tag !== withTag(name))) continue;
      await unlessGone(docker.getImage(Id).remove()).catch((error: unknown) => {
        if (statusOf(error) !== 409) throw error;
      });
    }
  };

  return {
    check: ({ news }) => checkedImage(news),

    diff(request) {
      const news = revealMap(request.news);
      const olds = revealMap(request.oldInputs);
      const changes = imageChanges(news, olds).filter(
        ({ path }) => !request.ignoreChanges.some((prefix) => within(path, prefix)),
      );
      return { changes, stables: [], deleteBeforeReplace: false };
    },

    async create({ urn, news, preview }) {
      const inputs = revealMap(news);
      if (preview) return { id: "", outputs: seal(previewOf(inputs), secretPaths(news)) };
      return {
        id: String(inputs["imageName"]),
        outputs: seal(await build(inputs, urn), secretPaths(news)),
      };
    },

    async read({ id, inputs, outputs }) {
      const image = await unlessGone(daemon().docker.getImage(id).inspect());
      if (image === undefined) return undefined;
      if (Object.keys(inputs).length === 0) {
        throw new PluginError(
          "an image can't be imported: nothing in it says what it was built from",
          "Declare it; a build of what is there already is quick",
        );
      }
      const plain = revealMap(inputs);
      const { build: wanted } = plain;
      const digest = image.Config.Labels?.[contextLabel];
      // Another image under the name: the program's digest is then a difference, and a reason to build.
      const found =
        isPlainMap(wanted) && digest !== wanted["contextDigest"]
          ? { ...plain, build: { ...wanted, contextDigest: digest ?? "" } }
          : plain;
      return {
        id,
        inputs: seal(found, secretPaths(inputs)),
        outputs: seal({ ...revealMap(outputs), repoDigest: image.Id }, secretPaths(outputs)),
      };
    },

    async update({ urn, news, preview, outputs }) {
      const inputs = revealMap(news);
      if (preview) {
        const stays = { ...revealMap(outputs), ...previewOf(inputs) };
        return seal(stays, [...secretPaths(news), ...secretPaths(outputs)]);
      }
      return seal(await build(inputs, urn), secretPaths(news));
    },

    async delete({ id, urn, outputs }) {
      const { docker } = daemon();
      const { repoDigest } = revealMap(outputs);
      const image = await unlessGone(docker.getImage(id).inspect());
      // The name may be another's by now.
      if (image !== undefined && image.Id === repoDigest) {
        await unlessGone(docker.getImage(id).remove()).catch((error: unknown) => {
          if (statusOf(error) !== 409) throw error;
          throw new PluginError(
            `the image ${id} is used by a container that is not this stack's`,
            `Find it with: docker ps -a --filter ancestor=${id}`,
            { cause: error },
          );
        });
      }
      await removeOlder(urn, id, "");
    },
  };
}

function contextOf(inputs: PlainMap, labels: Readonly<Record<string, string>>): BuildContext {
  const { build } = inputs;
  const { context, dockerfile } = isPlainMap(build) ? build : {};
  return buildContext(
    String(context ?? "."),
    dockerfile === undefined ? undefined : String(dockerfile),
    labels,
  );
}

function buildOptions(inputs: PlainMap, context: BuildContext, urn: string): ImageBuildOptions {
  const build = isPlainMap(inputs["build"]) ? inputs["build"] : {};
  const { args, target, platform, network, addHosts } = build;
  return {
    t: String(inputs["imageName"]),
    dockerfile: context.dockerfile,
    labels: { [contextLabel]: context.digest, [urnLabel]: urn },
    rm: true,
    forcerm: true,
    ...(args === undefined ? {} : { buildargs: args as { [name: string]: string } }),
    ...(target === undefined ? {} : { target: String(target) }),
    ...(platform === undefined ? {} : { platform: String(platform) }),
    ...(network === undefined ? {} : { networkmode: String(network) }),
    ...(Array.isArray(addHosts) ? { extrahosts: addHosts.join(",") } : {}),
  };
}

function outputsOf(
  inputs: PlainMap,
  { dockerfile }: BuildContext,
  imageId: string,
  platform: string,
): PlainMap {
  return { ...knownOutputs(inputs), dockerfile, platform, repoDigest: imageId };
}

function previewOf(inputs: PlainMap): PlainMap {
  const open: PlainMap = { dockerfile: UNKNOWN, platform: UNKNOWN, repoDigest: UNKNOWN };
  return { ...knownOutputs(inputs), ...open };
}

function knownOutputs(inputs: PlainMap): PlainMap {
  const build = isPlainMap(inputs["build"]) ? inputs["build"] : {};
  const { registry } = inputs;
  const server: Plain | undefined = isPlainMap(registry) ? registry["server"] : undefined;
  return {
    imageName: inputs["imageName"] ?? null,
    baseImageName: inputs["imageName"] ?? null,
    context: build["context"] ?? ".",
    registryServer: server ?? "",
  };
}

/** Docker gives an image without a tag the tag `latest`; a colon before a slash is a registry's port. */
function withTag(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}
