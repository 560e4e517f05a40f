/** @module auth0:index/connectionClient:ConnectionClient: one client of a connection that others use too. */

import { PluginError, type Resource } from "../protocol/plugin.ts";
import { revealMap } from "../protocol/value.ts";
import {
  changeClients,
  disableClients,
  enabledClients,
  nameAndStrategy,
} from "./enabled-clients.ts";
import { type Fields, text } from "./field.ts";
import type { KnownObjects } from "./known-objects.ts";
import { checkLink, diffLink, previewLink } from "./link-resource.ts";
import type { Management } from "./management.ts";

const fields: Fields = {
  connectionId: text({ required: true, replaces: true, min: 1 }),
  clientId: text({ required: true, replaces: true, min: 1 }),
  name: text({ readOnly: true }),
  strategy: text({ readOnly: true }),
};

/** Between the two ids, as the official provider joins them. */
const separator = "::";

export function connectionClient(tenant: () => Management, known: KnownObjects): Resource {
  return {
    check: (request) => checkLink(request, fields),
    diff: (request) => diffLink(request, fields),

    async create({ news, preview }) {
      if (preview) return { id: "", outputs: previewLink(news, fields) };
      const inputs = revealMap(news);
      const connectionId = String(inputs["connectionId"]);
      const clientId = String(inputs["clientId"]);
      await changeClients(tenant(), connectionId, { enable: [clientId] });
      const id = `${connectionId}${separator}${clientId}`;
      known.created(id);
      const about = await nameAndStrategy(tenant(), connectionId);
      return { id, outputs: { connectionId, clientId, id, ...about } };
    },

    async read({ id, outputs }) {
      const { connectionId, clientId } = idsOf(id);
      const there = await enabledClients(tenant(), connectionId);
      if (there?.includes(clientId) !== true) return undefined;
      const { name, strategy } = outputs;
      const about =
        typeof name === "string" && typeof strategy === "string"
          ? { name, strategy }
          : await nameAndStrategy(tenant(), connectionId);
      const inputs = { connectionId, clientId };
      return { id, inputs, outputs: { ...inputs, id, ...about } };
    },

    // Both properties replace the resource: there is nothing that an update could change.
    update: async ({ outputs }) => outputs,

    async delete({ id }) {
      if (known.wasCreated(id)) return;
      const { connectionId, clientId } = idsOf(id);
      await disableClients(tenant(), connectionId, [clientId]);
    },
  };
}

function idsOf(id: string): { connectionId: string; clientId: string } {
  const [connectionId, clientId, ...rest] = id.split(separator);
  if (!connectionId || !clientId || rest.length > 0) {
    throw new PluginError(
      `"${id}" is not the id of a ConnectionClient`,
      "Write it as CONNECTION_ID::CLIENT_ID",
    );
  }
  return { connectionId, clientId };
}
