/** @module Talks to a served plugin as the engine does: over gRPC, with property bags. */
import grpc from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { decodeMap, encodeMap } from "../../../engine/plugins/protocol/codec.ts";
import type { Plugin } from "../../../engine/plugins/protocol/plugin.ts";
import { servePlugin } from "../../../engine/plugins/protocol/server.ts";
import type { PropertyMap } from "../../../engine/plugins/protocol/value.ts";

export interface Checked {
  inputs: PropertyMap;
  /** `path: reason` of each failure. */
  failures: string[];
}

export interface Diffed {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Property path to kind, as `UPDATE_REPLACE`. */
  detail: Record<string, string>;
}

export interface StateEntry {
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
}

export interface DiffOptions {
  ignoreChanges?: string[];
}

/** One resource as the engine sees it through the plugin. */
export interface ResourceClient {
  readonly urn: string;
  check(news: PropertyMap, olds?: PropertyMap): Promise<Checked>;
  diff(entry: StateEntry, news: PropertyMap, options?: DiffOptions): Promise<Diffed>;
  preview(news: PropertyMap): Promise<StateEntry>;
  create(news: PropertyMap): Promise<StateEntry>;
  update(entry: StateEntry, news: PropertyMap, preview?: boolean): Promise<StateEntry>;
  /** Undefined: gone. Without an entry: an import. */
  read(id: string, entry?: StateEntry): Promise<StateEntry | undefined>;
  delete(entry: StateEntry): Promise<void>;
  /** Check, then create: what an `up` does with a new resource. */
  make(program: PropertyMap): Promise<StateEntry>;
}

export interface PluginClient {
  configure(args?: PropertyMap): Promise<void>;
  checkConfig(news: PropertyMap): Promise<Checked>;
  handshake(): Promise<{ secrets: boolean; outputs: boolean; resources: boolean }>;
  version(): Promise<string>;
  schema(): Promise<unknown>;
  cancel(): Promise<void>;
  invoke(token: string, args: PropertyMap): Promise<PropertyMap>;
  resource(type: string, name: string): ResourceClient;
  close(): void;
}

type Message<Name extends keyof typeof providerPb> = (typeof providerPb)[Name] extends {
  prototype: infer Instance;
}
  ? Instance
  : never;

/** Serves a plugin in this process and connects to it. */
export async function openPlugin(plugin: Plugin): Promise<PluginClient> {
  const server = await servePlugin(plugin);
  const client = connectPlugin(server.port);
  return {
    ...client,
    close() {
      client.close();
      server.close();
    },
  };
}

/** Connects to a plugin that serves on a port. */
export function connectPlugin(port: number): PluginClient {
  const client = new providerGrpc.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
  );
  const empty = new providerPb.ProviderHandshakeRequest();
  return {
    async configure(args = {}) {
      const request = new providerPb.ConfigureRequest().setArgs(encodeMap(args));
      await call<Message<"ConfigureResponse">>((done) =>
        client.configure(request.setAcceptsecrets(true), done),
      );
    },
    async checkConfig(news) {
      const request = new providerPb.CheckRequest().setNews(encodeMap(news));
      return checked(
        await call<Message<"CheckResponse">>((done) => client.checkConfig(request, done)),
      );
    },
    async handshake() {
      const response = await call<Message<"ProviderHandshakeResponse">>((done) =>
        client.handshake(empty, done),
      );
      return {
        secrets: response.getAcceptSecrets(),
        outputs: response.getAcceptOutputs(),
        resources: response.getAcceptResources(),
      };
    },
    async version() {
      return (
        await call<PluginInfo>((done) => client.getPluginInfo(new emptyPb.Empty(), done))
      ).getVersion();
    },
    async schema() {
      const request = new providerPb.GetSchemaRequest();
      return JSON.parse(
        (
          await call<Message<"GetSchemaResponse">>((done) => client.getSchema(request, done))
        ).getSchema(),
      );
    },
    async cancel() {
      await call<unknown>((done) => client.cancel(new emptyPb.Empty(), done));
    },
    async invoke(token, args) {
      const request = new providerPb.InvokeRequest().setTok(token).setArgs(encodeMap(args));
      return decodeMap(
        (await call<Message<"InvokeResponse">>((done) => client.invoke(request, done))).getReturn(),
      );
    },
    resource: (type, name) => resourceClient(client, type, name),
    close: () => client.close(),
  };
}

function resourceClient(
  client: InstanceType<typeof providerGrpc.ResourceProviderClient>,
  type: string,
  name: string,
): ResourceClient {
  const urn = `urn:pulumi:test::project::${type}::${name}`;
  const self: ResourceClient = {
    urn,
    async check(news, olds) {
      const request = new providerPb.CheckRequest()
        .setUrn(urn)
        .setNews(encodeMap(news))
        .setRandomseed(crypto.getRandomValues(new Uint8Array(32)));
      if (olds !== undefined) request.setOlds(encodeMap(olds));
      return checked(await call<Message<"CheckResponse">>((done) => client.check(request, done)));
    },
    async diff(entry, news, { ignoreChanges = [] } = {}) {
      const request = new providerPb.DiffRequest()
        .setId(entry.id)
        .setUrn(urn)
        .setOlds(encodeMap(entry.outputs))
        .setOldInputs(encodeMap(entry.inputs))
        .setNews(encodeMap(news))
        .setIgnorechangesList(ignoreChanges);
      return diffed(await call<Message<"DiffResponse">>((done) => client.diff(request, done)));
    },
    preview: (news) => create(client, urn, news, true),
    create: (news) => create(client, urn, news, false),
    async update(entry, news, preview = false) {
      const request = new providerPb.UpdateRequest()
        .setId(entry.id)
        .setUrn(urn)
        .setOlds(encodeMap(entry.outputs))
        .setOldInputs(encodeMap(entry.inputs))
        .setNews(encodeMap(news))
        .setPreview(preview);
      const response = await call<Message<"UpdateResponse">>((done) =>
        client.update(request, done),
      );
      return { id: entry.id, inputs: news, outputs: decodeMap(response.getProperties()) };
    },
    async read(id, entry) {
      const request = new providerPb.ReadRequest()
        .setId(id)
        .setUrn(urn)
        .setInputs(encodeMap(entry?.inputs ?? {}))
        .setProperties(encodeMap(entry?.outputs ?? {}));
      const response = await call<Message<"ReadResponse">>((done) => client.read(request, done));
      if (response.getId() === "") return undefined;
      return {
        id: response.getId(),
        inputs: decodeMap(response.getInputs()),
        outputs: decodeMap(response.getProperties()),
      };
    },
    async delete(entry) {
      const request = new providerPb.DeleteRequest()
        .setId(entry.id)
        .setUrn(urn)
        .setProperties(encodeMap(entry.outputs))
        .setOldInputs(encodeMap(entry.inputs));
      await call<unknown>((done) => client.delete(request, done));
    },
    async make(program) {
      const { inputs, failures } = await self.check(program);
      if (failures.length > 0) throw new Error(failures.join("; "));
      return self.create(inputs);
    },
  };
  return self;
}

async function create(
  client: InstanceType<typeof providerGrpc.ResourceProviderClient>,
  urn: string,
  news: PropertyMap,
  preview: boolean,
): Promise<StateEntry> {
  const request = new providerPb.CreateRequest()
    .setUrn(urn)
    .setProperties(encodeMap(news))
    .setPreview(preview);
  const response = await call<Message<"CreateResponse">>((done) => client.create(request, done));
  return { id: response.getId(), inputs: news, outputs: decodeMap(response.getProperties()) };
}

function checked(response: Message<"CheckResponse">): Checked {
  return {
    inputs: decodeMap(response.getInputs()),
    failures: response
      .getFailuresList()
      .map((failure) => `${failure.getProperty()}: ${failure.getReason()}`),
  };
}

function diffed(response: Message<"DiffResponse">): Diffed {
  const kinds = Object.entries(providerPb.PropertyDiff.Kind);
  const detail: Record<string, string> = {};
  response.getDetaileddiffMap().forEach((entry, path) => {
    detail[path] = kinds.find(([, value]) => value === entry.getKind())?.[0] ?? "";
  });
  return {
    changes: response.getChanges() === providerPb.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    detail,
  };
}

function call<Response>(
  start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) resolve(response);
      else reject(new Error(error.details));
    });
  });
}
