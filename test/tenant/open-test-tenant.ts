/** @module A tenant for tests of one part: the real store and one of its apps, without a port. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import type { TenantContext } from "../../tenant/context.ts";
import type { Controls } from "../../tenant/controls/controls.ts";
import { managementApp } from "../../tenant/management/app.ts";
import type { RateLimit } from "../../tenant/management/rate-limit.ts";
import { managementScopes } from "../../tenant/management-scopes.ts";
import { openTenant } from "../../tenant/open-tenant.ts";
import type { ManagementClient } from "../../tenant/seed.ts";
import { type KeptKey, openKey } from "../../tenant/signing-keys.ts";
import { openStore } from "../../tenant/store.ts";
import { specFetch } from "./spec/spec-fetch.ts";

/** What tests of the Management API are given. */
export interface TestTenant {
  context: TenantContext;
  managementClient: ManagementClient;
  /** The app itself, each answer held to the published descriptions. */
  fetch: typeof fetch;
  /** A bearer token for the Management API; without scopes: with all. */
  token(scopes?: readonly string[], claims?: Record<string, unknown>): Promise<string>;
  /** A call with a token that may do everything; the body of an empty answer is undefined. */
  api<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Body }>;
  close(): void;
}

export interface TestTenantOptions {
  /** Default: the Management API alone. */
  app?: (tenant: TenantContext) => Hono;
  managementLimit?: RateLimit;
  controls?: Controls;
  now?: () => number;
}

const domain = "localhost:4443";

/** One RSA key for all test files of a process: making one takes longer than most tests. */
let sharedKey: Promise<KeptKey> | undefined;

export async function openTestTenant(options: TestTenantOptions = {}): Promise<TestTenant> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-tenant-"));
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const store = openStore(dir, now);
  sharedKey ??= openKey(store);
  const key = await sharedKey;
  const { context, managementClient } = openTenant(store, key, { dir, domain, ...options, now });
  const app = (options.app ?? managementApp)(context);
  const checked = specFetch(async (input, init) => app.fetch(new Request(input, init)));
  const token: TestTenant["token"] = (scopes, claims) =>
    context.keys.sign({
      iss: context.settings.issuer,
      sub: `${managementClient.clientId}@clients`,
      azp: managementClient.clientId,
      aud: `${context.settings.issuer}api/v2/`,
      iat: now(),
      exp: now() + 86_400,
      scope: (scopes ?? managementScopes().map(({ value }) => value)).join(" "),
      gty: "client-credentials",
      ...claims,
    });
  const everything = await token();
  return {
    context,
    managementClient,
    fetch: checked,
    token,
    async api(method, path, body) {
      const response = await checked(`https://${domain}/api/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${everything}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
    close() {
      context.flushLog();
      store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
