/** The owner's calls to a started tenant, as a program makes them: over HTTPS, with a token of its own. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { StartedTenant } from "../../../tenant/start-tenant.ts";

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Makes this process trust the tenant; nothing outside is changed. */
export function trustTenant({ caPem }: Pick<StartedTenant, "caPem">): void {
  const trusted = getCACertificates("default");
  if (!trusted.includes(caPem.trim())) setDefaultCACertificates([...trusted, caPem.trim()]);
}

/** A token of the owner's application for the Management API. */
export async function ownerToken(tenant: StartedTenant): Promise<string> {
  trustTenant(tenant);
  const response = await fetch(`${tenant.url}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: tenant.managementClient.clientId,
      client_secret: tenant.managementClient.clientSecret,
      audience: `${tenant.url}/api/v2/`,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

/** Calls the Management API. */
export function managementOf(
  tenant: StartedTenant,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return ownerCall(tenant, method, `/api/v2${path}`, body);
}

/** Calls any path of the tenant with the owner's token. */
export async function ownerCall(
  tenant: StartedTenant,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(tenant.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await ownerToken(tenant)}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}
