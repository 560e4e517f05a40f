/** @module Starts the local Auth0-compatible tenant in this process. */
import { mkdirSync } from "node:fs";
import { getRequestListener } from "@hono/node-server";
import { tenantApp } from "./app.ts";
import { serverCertificate } from "./certificate.ts";
import type { TenantContext } from "./context.ts";
import type { Controls } from "./controls/controls.ts";
import type { DroppedField } from "./dropped-fields.ts";
import { watched } from "./exchanges.ts";
import { type Listening, listen, type RequestListener } from "./listen.ts";
import type { RateLimit } from "./management/rate-limit.ts";
import { openTenant, type TenantFacts } from "./open-tenant.ts";
import { ownerClient } from "./owner/require-owner.ts";
import type { ManagementClient } from "./seed.ts";
import type { TenantSeed } from "./seed-file/seed.ts";
import { openKey } from "./signing-keys.ts";
import { openStore, type Store } from "./store.ts";
import type { GithubStandIn } from "./strategies/github-stand-in.ts";
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
  /** Faults, a clock that moves and rate limits, in this process and below /owner/controls. Default: none. */
  controls?: boolean;
  /**
   * What a new tenant holds: an export of `tvk tenant export`, or bodies of the Management API by kind. On a folder
   * that has a tenant already it does nothing.
   */
  seed?: TenantSeed;
  /** Starts a stand-in for GitHub beside the tenant, to which `github` connections lead. Default: they lead to github.com. */
  githubStandIn?: boolean;
  /** The same with a provider of one's own on this machine; its paths are those of a GitHub Enterprise Server. */
  githubOrigin?: string;
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
  /** Absent where they were not asked for. */
  controls?: Controls;
  /** Origin of the GitHub stand-in; absent where it was not asked for. */
  githubStandIn?: string;
  close(): Promise<void>;
}

/** When the code that nobody has asked for yet is loaded, in milliseconds after the start. */
const loadAllMs = 500;

/**
 * Starts a tenant on a folder: opens or makes its data, certificate and key, then listens.
 *
 * @throws {TenantError} `DIR_IN_USE`, `DIR_BELONGS_TO_PORT`, `PORT_IN_USE`, `OFF_LOOPBACK`, `SEED_REFUSED`; each with a hint.
 */
export async function startTenant(options: StartTenantOptions): Promise<StartedTenant> {
  const { dir, host } = options;
  if (options.controls === true) requireLoopback(host, "the controls");
  if (options.githubStandIn === true) requireLoopback(host, "stand-ins for providers");
  if (options.githubOrigin !== undefined) {
    requireLoopback(host, "stand-ins for providers");
    requireLoopbackOrigin(options.githubOrigin);
  }
  const realNow = options.now ?? (() => Math.floor(Date.now() / 1000));
  const turned = options.controls === true ? await loadControls() : undefined;
  const controls = turned?.newControls(realNow);
  const now = controls?.clock.now ?? realNow;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = openStore(dir, now);
  let listening: Listening | undefined;
  let standIn: GithubStandIn | undefined;
  try {
    const facts = store.settings.get("tenant") as TenantFacts | undefined;
    const port = portOf(facts, options);
    const [certificate, key] = await Promise.all([serverCertificate(dir), openKey(store)]);
    // The port may only be known after listening: who comes before the app is there waits for it.
    const waiting: Parameters<RequestListener>[] = [];
    let answer: RequestListener = (...request) => void waiting.push(request);
    listening = await listen((request, response) => answer(request, response), {
      ...certificate,
      port,
      ...(host === undefined ? {} : { host }),
    });
    const domain = `localhost:${listening.port}`;
    standIn = options.githubStandIn === true ? await githubStandIn(store, now) : undefined;
    const kept = controls === undefined ? {} : { controls };
    const tenant = openTenant(store, key, {
      ...{ dir, domain, now, ...kept },
      ...(options.managementLimit === undefined
        ? {}
        : { managementLimit: options.managementLimit }),
      providerOrigins: { github: standIn?.origin ?? options.githubOrigin },
    });
    if (options.seed !== undefined) await plant(tenant.context, options.seed, facts === undefined);
    const { app, loadAll } = tenantApp(tenant.context);
    const listener = getRequestListener(watched(app.fetch));
    answer = turned && controls ? turned.controlledListener(listener, controls) : listener;
    for (const request of waiting) answer(...request);
    // Later, so as not to hold up the first requests; what can't be loaded, the request that wants it says.
    setTimeout(() => void loadAll().catch(() => undefined), loadAllMs).unref();
    const { close } = listening;
    return {
      url: `https://${domain}`,
      domain,
      caPem: certificate.caPem,
      managementClient: ownerClient(tenant.context),
      ...kept,
      ...(standIn === undefined ? {} : { githubStandIn: standIn.origin }),
      droppedFields: () => tenant.context.droppedFields.list(),
      dashboardLink: async () => {
        const { newDashboardLink } = await import("./dashboard/owner-session.ts");
        return newDashboardLink(tenant.context);
      },
      close: async () => {
        await Promise.all([close(), standIn?.close()]);
        tenant.context.flushLog();
        store.close();
      },
    };
  } catch (error) {
    await listening?.close();
    await standIn?.close();
    store.close();
    throw error;
  }
}

/** Once in a tenant's life. A start that was killed before its end leaves the mark, and the next one goes on. */
async function plant(tenant: TenantContext, seed: TenantSeed, isNew: boolean): Promise<void> {
  const { settings } = tenant.store;
  if (isNew) settings.put("seed-wanted", {});
  else if (settings.get("seed-wanted") === undefined) return;
  const { applySeed } = await import("./seed-file/apply-seed.ts");
  await applySeed(tenant, seed).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "SeedError") throw error;
    throw new TenantError("SEED_REFUSED", error.message, {
      hint: "Mend what is named; nothing of it was kept.",
      cause: error,
    });
  });
}

/** On the port that it had before, so that what names it stays good. */
async function githubStandIn(store: Store, now: () => number): Promise<GithubStandIn> {
  const { startGithubStandIn } = await import("./strategies/github-stand-in.ts");
  const kept = Number(store.settings.get("github-stand-in")?.["port"] ?? 0);
  const started = await startGithubStandIn({ port: kept, now });
  if (started.port !== kept) store.settings.put("github-stand-in", { port: started.port });
  return started;
}

function requireLoopbackOrigin(origin: string): void {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const hosts = ["localhost", "127.0.0.1", "[::1]"];
  if (url !== undefined && url.origin === origin && hosts.includes(url.hostname)) return;
  throw new TenantError("OFF_LOOPBACK", `"${origin}" is no origin on this machine`, {
    hint: "Say it like http://127.0.0.1:9000, without a path.",
  });
}

/** Only for a tenant that has them: most have not. */
async function loadControls() {
  const { newControls } = await import("./controls/controls.ts");
  const { controlledListener } = await import("./controls/controlled-listener.ts");
  return { newControls, controlledListener };
}

/** @throws {TenantError} `OFF_LOOPBACK`: others than this machine could reach what is for it alone. */
export function requireLoopback(host: string | undefined, what: string): void {
  if (host === undefined || /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host)) return;
  throw new TenantError("OFF_LOOPBACK", `${what} are refused on ${host}: others could turn them`, {
    hint: "Leave --host away, or start without them.",
  });
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
