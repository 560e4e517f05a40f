/** @module A link to the local tenant's dashboard: asked for as its owner, opened without showing it to `ps`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { replaceFile } from "../../locks/whole-file.ts";
import type { LocalTenant } from "./local-tenant.ts";
import { ownerRequest } from "./owner-request.ts";

const answer = z.object({ url: z.url(), expires_in: z.number() });

/** What `POST /owner/dashboard-links` gives. */
export interface DashboardLink {
  /** Good once. */
  readonly url: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** @throws {CliError} The tenant refuses, or does not answer. */
export async function dashboardLink(tenant: LocalTenant): Promise<DashboardLink> {
  const given = answer.parse(await ownerRequest(tenant, "POST", "/owner/dashboard-links"));
  return { url: given.url, expiresIn: given.expires_in };
}

/**
 * A page that leads to the link, in a file that only this user can read: a browser's command line is
 * for everybody on the machine, and so must not hold the link itself.
 *
 * @returns The page's file: address.
 */
export function linkPage(tenantDir: string, link: string): string {
  const path = join(tenantDir, "dashboard.html");
  const page = `<!doctype html><meta charset="utf-8"><title>Dashboard</title>
<meta http-equiv="refresh" content="0; url=${link}"><a href="${link}">Open the dashboard</a>
`;
  replaceFile(path, page);
  return pathToFileURL(path).href;
}
