/** @module The methods of Pulumi's provider service, each as a translation to and from a {@link Plugin}. */

import grpc from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { decodeMap, encodeMap } from "./codec.ts";
import { parsePath } from "./path.ts";
import { type Plugin, PluginError, type Resource } from "./plugin.ts";
import { checkResponse, diffResponse } from "./responses.ts";
import { secretTexts } from "./secrets.ts";
import { revealMap } from "./value.ts";

type Messages = typeof providerPb;
type Message<Name extends keyof Messages> = Messages[Name] extends { prototype: infer Instance }
  ? Instance
  : never;

/** The service's implementation for one plugin. Methods that it lacks are answered UNIMPLEMENTED. */
export function handlers(plugin: Plugin): grpc.UntypedServiceImplementation {
  return {
    handshake: unary((_: Message<"ProviderHandshakeRequest">) =>
      new providerPb.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setSupportsAutonamingConfiguration(true),
    ),
    attach: unary(() => new emptyPb.Empty()),
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion(plugin.version)),
    getSchema: unary(() =>
      new providerPb.GetSchemaResponse().setSchema(
        JSON.stringify({ name: plugin.name, version: plugin.version }),
      ),
    ),
    cancel: unary(() => {
      plugin.cancel();
      return new emptyPb.Empty();
    }),
    ...configuration(plugin),
    ...lifecycle(plugin),
    invoke: unary(async (request: Message<"InvokeRequest">) => {
      const run = plugin.invocation(request.getTok());
      if (run === undefined) {
        throw new PluginError(
          `the kit's ${plugin.name} plugin has no function "${request.getTok()}"`,
          "Set TVK_PLUGINS=official to use the official plugin",
        );
      }
      const result = await run(revealMap(decodeMap(request.getArgs())));
      return new providerPb.InvokeResponse().setReturn(encodeMap(result));
    }),
  };
}

function configuration(plugin: Plugin): grpc.UntypedServiceImplementation {
  return {
    checkConfig: unary((request: Message<"CheckRequest">) => {
      const news = decodeMap(request.getNews());
      return checkResponse(plugin.checkConfig(news), news);
    }),
    diffConfig: unary((request: Message<"DiffRequest">) => {
      const olds = JSON.stringify(request.getOldInputs()?.toJavaScript() ?? {});
      const news = JSON.stringify(request.getNews()?.toJavaScript() ?? {});
      const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
      return new providerPb.DiffResponse().setChanges(olds === news ? DIFF_NONE : DIFF_SOME);
    }),
    configure: unary((request: Message<"ConfigureRequest">) => {
      plugin.configure(revealMap(decodeMap(request.getArgs())));
      return new providerPb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
  };
}

function lifecycle(plugin: Plugin): grpc.UntypedServiceImplementation {
  return {
    check: unary((request: Message<"CheckRequest">) => {
      const autonaming = request.getAutonaming();
      const news = decodeMap(request.getNews());
      return checkResponse(
        resourceOf(plugin, request.getUrn()).check({
          urn: request.getUrn(),
          olds: decodeMap(request.getOlds()),
          news,
          seed: request.getRandomseed_asU8(),
          autonaming: autonaming && {
            mode: (["propose", "enforce", "disable"] as const)[autonaming.getMode()] ?? "propose",
            name: autonaming.getProposedName(),
          },
        }),
        news,
      );
    }),
    diff: unary((request: Message<"DiffRequest">) =>
      diffResponse(resourceOf(plugin, request.getUrn()).diff(diffRequest(request))),
    ),
    create: unary((request: Message<"CreateRequest">) =>
      during("creating", request.getUrn(), [request.getProperties()], async () => {
        const created = await resourceOf(plugin, request.getUrn()).create({
          urn: request.getUrn(),
          news: decodeMap(request.getProperties()),
          preview: request.getPreview(),
        });
        return new providerPb.CreateResponse()
          .setId(created.id)
          .setProperties(encodeMap(created.outputs));
      }),
    ),
    read: unary((request: Message<"ReadRequest">) =>
      during(
        "reading",
        request.getUrn(),
        [request.getProperties(), request.getInputs()],
        async () => {
          const found = await resourceOf(plugin, request.getUrn()).read({
            id: request.getId(),
            urn: request.getUrn(),
            inputs: decodeMap(request.getInputs()),
            outputs: decodeMap(request.getProperties()),
          });
          if (found === undefined) return new providerPb.ReadResponse();
          return new providerPb.ReadResponse()
            .setId(found.id)
            .setInputs(encodeMap(found.inputs))
            .setProperties(encodeMap(found.outputs));
        },
      ),
    ),
    update: unary((request: Message<"UpdateRequest">) =>
      during("updating", request.getUrn(), [request.getNews(), request.getOlds()], async () => {
        const outputs = await resourceOf(plugin, request.getUrn()).update({
          ...diffRequest(request),
          preview: request.getPreview(),
        });
        return new providerPb.UpdateResponse().setProperties(encodeMap(outputs));
      }),
    ),
    delete: unary((request: Message<"DeleteRequest">) =>
      during("deleting", request.getUrn(), [request.getProperties()], async () => {
        await resourceOf(plugin, request.getUrn()).delete({
          id: request.getId(),
          urn: request.getUrn(),
          outputs: decodeMap(request.getProperties()),
          oldInputs: decodeMap(request.getOldInputs()),
        });
        return new emptyPb.Empty();
      }),
    ),
  };
}

function diffRequest(request: Message<"DiffRequest"> | Message<"UpdateRequest">) {
  return {
    id: request.getId(),
    urn: request.getUrn(),
    outputs: decodeMap(request.getOlds()),
    oldInputs: decodeMap(request.getOldInputs()),
    news: decodeMap(request.getNews()),
    ignoreChanges: request.getIgnorechangesList().map(parsePath),
  };
}

function resourceOf(plugin: Plugin, urn: string): Resource {
  // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const resource = plugin.resource(type);
  if (resource !== undefined) return resource;
  throw new PluginError(
    `the kit's ${plugin.name} plugin has no resource type "${type}" (${urn})`,
    "Set TVK_PLUGINS=official to use the official plugin",
  );
}

/** Says in an error what was being done to which resource, and masks whatever secret of it the error repeats. */
async function during<Result>(
  doing: string,
  urn: string,
  properties: readonly Parameters<typeof decodeMap>[0][],
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    let message = error instanceof Error ? error.message : String(error);
    for (const secret of properties.flatMap((bag) => secretTexts(decodeMap(bag)))) {
      message = message.replaceAll(secret, "[secret]");
    }
    throw new PluginError(`${doing} ${urn}: ${message}`, undefined, { cause: error });
  }
}

function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: grpc.status.UNKNOWN,
            message: error instanceof Error ? error.message : String(error),
          }),
      );
  };
}
