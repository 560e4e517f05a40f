/** @module Starts the local Auth0-compatible tenant in this process. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { tenantApp } from "./app.ts";
import { serverCertificate } from "./certificate.ts";
import type { TenantContext } from "./context.ts";
import { type DroppedField, droppedFields } from "./dropped-fields.ts";
import { identifiers } from "./identifiers.ts";
import { type Listening, listen, type RequestListener } from "./listen.ts";
import type { RateLimit } from "./management/rate-limit.ts";
import { type ManagementClient, seed } from "./seed.ts";
import { openSigningKeys } from "./signing-keys.ts";
import { openStore, type Store } from "./store.ts";
import { TenantError } from "./tenant-error.ts";
import { tenantLog } from "./tenant-log.ts";

export interface StartTenantOptions {
  /** Folder of the tenant's data; made when missing. One live tenant a folder. */
  dir: string;
  /** 0: the port that the data belongs to, or for new data any free one. */
  port: number;
  /** One address to listen on. Default: both loopback addresses. The domain is `localhost` always. */
  host?: string;
  /** Enforced on the Management API. Default: none; the headers are there all the same. */
  managementLimit?: RateLimit;
  /** Epoch seconds. Default: the real time. Certificates always go by the real time. */
  now?: () => number;
}

/** A tenant that answers. */
export interface StartedTenant {
  /** `https://localhost:PORT`, without a slash. */
  url: string;
  /** `localhost:PORT`. */
  domain: string;
  /** What clients have to trust, PEM. */
  caPem: string;
  managementClient: ManagementClient;
  /** Request fields that were kept but have no effect here. */
  droppedFields(): DroppedField[];
  close(): Promise<void>;
}

/** What the store remembers of its tenant. */
interface TenantFacts extends Record<string, unknown> {
  tenantId: string;
  domain: string;
}

/**
 * Starts a tenant on a folder: opens or makes its data, certificate and key, then listens.
 *
 * @throws {TenantError} `DIR_IN_USE`, `DIR_BELONGS_TO_PORT`, `PORT_IN_USE`; each with a hint.
 */
export async function startTenant(options: StartTenantOptions): Promise<StartedTenant> {
  const { dir } = options;
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = openStore(dir, now);
  let listening: Listening | undefined;
  try {
    const facts = store.settings.get("tenant") as TenantFacts | undefined;
    const port = portOf(facts, options);
    const certificate = await serverCertificate(dir);
    // The port may only be known after listening: what comes before the app exists waits for it.
    let resolve: (listener: RequestListener) => void = () => undefined;
    const ready = new Promise<RequestListener>((done) => {
      resolve = done;
    });
    let answer: RequestListener = (request, response) =>
      void ready.then((listener) => listener(request, response));
    listening = await listen((request, response) => answer(request, response), {
      ...certificate,
      port,
      ...(options.host === undefined ? {} : { host: options.host }),
    });
    const domain = `localhost:${listening.port}`;
    const tenant = await openTenant(store, facts, { ...options, domain, now });
    answer = getRequestListener(tenantApp(tenant.context).fetch);
    resolve(answer);
    const { close } = listening;
    return {
      url: `https://${domain}`,
      domain,
      caPem: certificate.caPem,
      managementClient: tenant.managementClient,
      droppedFields: () => tenant.context.droppedFields.list(),
      close: async () => {
        await close();
        tenant.context.flushLog();
        store.close();
      },
    };
  } catch (error) {
    await listening?.close();
    store.close();
    throw error;
  }
}

/** The issuer and the APIs' identifiers hold the port, so data can't move to another. */
function portOf(facts: TenantFacts | undefined, { dir, port }: StartTenantOptions): number {
  if (!facts) return port;
  const kept = Number(facts.domain.split(":")[1]);
  if (port === 0 || port === kept) return kept;
  throw new TenantError(
    "DIR_BELONGS_TO_PORT",
    `the data in ${dir} belongs to port ${kept}, not to port ${port}: its issuer and APIs name it`,
    { hint: `Start with --port ${kept}, or begin anew with \`tvk tenant reset\`.` },
  );
}

async function openTenant(
  store: Store,
  known: TenantFacts | undefined,
  settings: StartTenantOptions & { domain: string; now: () => number },
): Promise<{ context: TenantContext; managementClient: ManagementClient }> {
  const { dir, domain, now, managementLimit } = settings;
  const facts = known ?? { tenantId: identifiers.newHexId().slice(0, 12), domain };
  const { tenantId } = facts;
  const issuer = `https://${domain}/`;
  const keys = await openSigningKeys(store, { domain, issuer, now });
  const managementClient = store.transaction(() => {
    if (!known) store.settings.put("tenant", facts);
    return seed(store, domain, tenantId);
  });
  writeManagementClient(dir, domain, managementClient);
  const { log, flush } = tenantLog(store, { domain, tenantId, now });
  const dropped = droppedFields(({ endpoint, field }) =>
    log({
      type: "sapi",
      description: `Local tenant: the field "${field}" is kept but has no effect here`,
      details: { endpoint, field },
    }),
  );
  const context: TenantContext = {
    settings: {
      ...{ dir, domain, issuer, tenantId },
      ...(managementLimit === undefined ? {} : { managementLimit }),
    },
    store,
    keys,
    now,
    log,
    flushLog: flush,
    droppedFields: dropped,
    ids: identifiers,
  };
  return { context, managementClient };
}

/** The file is for the owner of the folder only: it has a secret. */
function writeManagementClient(dir: string, domain: string, client: ManagementClient): void {
  const path = join(dir, "management-client.json");
  const text = `${JSON.stringify({ domain, ...client }, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
