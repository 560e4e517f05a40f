/** @module Starts the local Auth0-compatible tenant in this process. */
import { mkdirSync } from "node:fs";
import { getRequestListener } from "@hono/node-server";
import { tenantApp } from "./app.ts";
import { serverCertificate } from "./certificate.ts";
import type { DroppedField } from "./dropped-fields.ts";
import { watched } from "./exchanges.ts";
import { type Listening, listen, type RequestListener } from "./listen.ts";
import type { RateLimit } from "./management/rate-limit.ts";
import { openTenant, type TenantFacts } from "./open-tenant.ts";
import type { ManagementClient } from "./seed.ts";
import { openKey } from "./signing-keys.ts";
import { openStore } from "./store.ts";
import { TenantError } from "./tenant-error.ts";

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
  /** A link that opens the dashboard in one browser, once, within five minutes. */
  dashboardLink(): Promise<string>;
  close(): Promise<void>;
}

/** When the code that nobody has asked for yet is loaded, in milliseconds after the start. */
const loadAllMs = 500;

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
    const [certificate, key] = await Promise.all([serverCertificate(dir), openKey(store)]);
    // The port may only be known after listening; nothing waits between that and the app.
    let answer: RequestListener = () => undefined;
    listening = await listen((request, response) => answer(request, response), {
      ...certificate,
      port,
      ...(options.host === undefined ? {} : { host: options.host }),
    });
    const domain = `localhost:${listening.port}`;
    const tenant = openTenant(store, key, { ...options, domain, now });
    const { app, loadAll } = tenantApp(tenant.context);
    answer = getRequestListener(watched(app.fetch));
    // Later, so as not to hold up the first requests; what can't be loaded, the request that wants it says.
    setTimeout(() => void loadAll().catch(() => undefined), loadAllMs).unref();
    const { close } = listening;
    return {
      url: `https://${domain}`,
      domain,
      caPem: certificate.caPem,
      managementClient: tenant.managementClient,
      droppedFields: () => tenant.context.droppedFields.list(),
      dashboardLink: async () => {
        const { newDashboardLink } = await import("./dashboard/owner-session.ts");
        return newDashboardLink(tenant.context);
      },
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
