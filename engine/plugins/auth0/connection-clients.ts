/** @module auth0:index/connectionClients:ConnectionClients: all clients of a connection, and no others. */

import { PluginError, type Resource } from "../protocol/plugin.ts";
import { type Plain, type PlainMap, revealMap } from "../protocol/value.ts";
import {
  changeClients,
  disableClients,
  enabledClients,
  nameAndStrategy,
} from "./enabled-clients.ts";
import { type Fields, text, textSet } from "./field.ts";
import { refreshedInputs } from "./inputs.ts";
import type { KnownObjects } from "./known-objects.ts";
import { checkLink, diffLink, previewLink } from "./link-resource.ts";
import type { Management } from "./management.ts";

const fields: Fields = {
  connectionId: text({ required: true, replaces: true, min: 1 }),
  enabledClients: textSet({ required: true }),
  name: text({ readOnly: true }),
  strategy: text({ readOnly: true }),
};

export function connectionClients(tenant: () => Management, known: KnownObjects): Resource {
  return {
    check: (request) => checkLink(request, fields),
    diff: (request) => diffLink(request, fields),

    async create({ news, preview }) {
      if (preview) return { id: "", outputs: previewLink(news, fields) };
      const inputs = revealMap(news);
      const id = String(inputs["connectionId"]);
      const wanted = strings(inputs["enabledClients"]);
      const there = await enabledClients(tenant(), id);
      const others = (there ?? []).filter((client) => !wanted.includes(client));
      if (others.length > 0) {
        throw new PluginError(
          `connection ${id} has clients enabled that are not in enabledClients: ${others.join(", ")}`,
          "Add them, or join a shared connection with ConnectionClient (singular)",
        );
      }
      const enable = wanted.filter((client) => there?.includes(client) !== true);
      await changeClients(tenant(), id, { enable });
      known.created(id);
      return { id, outputs: { ...inputs, id, ...(await nameAndStrategy(tenant(), id)) } };
    },

    async read({ id, inputs, outputs }) {
      const there = await enabledClients(tenant(), id);
      if (there === undefined) return undefined;
      const { name, strategy } = outputs;
      const about =
        typeof name === "string" && typeof strategy === "string"
          ? { name, strategy }
          : await nameAndStrategy(tenant(), id);
      const old = revealMap(Object.keys(inputs).length > 0 ? inputs : outputs);
      const found: PlainMap = { connectionId: id, enabledClients: there };
      const now = refreshedInputs({ ...found, ...old }, found, fields);
      const wanted = { connectionId: id, enabledClients: now["enabledClients"] ?? there };
      return { id, inputs: wanted, outputs: { ...wanted, id, ...about } };
    },

    async update({ id, news, outputs, preview }) {
      const inputs = revealMap(news);
      const old = revealMap(outputs);
      if (!preview) {
        const wanted = strings(inputs["enabledClients"]);
        const before = strings(old["enabledClients"]);
        await changeClients(tenant(), id, {
          enable: wanted.filter((client) => !before.includes(client)),
          disable: before.filter((client) => !wanted.includes(client)),
        });
      }
      return { ...old, ...inputs };
    },

    async delete({ id, outputs }) {
      if (known.wasCreated(id)) return;
      await disableClients(tenant(), id, strings(revealMap(outputs)["enabledClients"]));
    },
  };
}

function strings(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
