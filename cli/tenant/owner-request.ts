/** @module Calls the local tenant as its owner: with a token of its own Management application. */
import { z } from "zod";
import { CliError, exitCodes } from "../exit-codes.ts";
import type { LocalTenant } from "./local-tenant.ts";
import { trustAuthority } from "./trusted-authority.ts";

/** The tenant that is called. */
type Owned = Pick<LocalTenant, "url" | "caFile" | "clientId" | "clientSecret">;

/** The Management API's way to refuse, which the owner's paths share. */
const refusal = z.object({ message: z.string() });

/**
 * One call with a JSON body; gives the answer's JSON, undefined where it has none.
 *
 * @throws {CliError} `tenant_refused` with the tenant's own words.
 */
export async function ownerRequest(
  tenant: Owned,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  trustAuthority(tenant.caFile);
  const granted = await send(tenant, "POST", "/oauth/token", undefined, {
    grant_type: "client_credentials",
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    audience: `${tenant.url}/api/v2/`,
  });
  const { access_token: token } = z.object({ access_token: z.string() }).parse(granted);
  return send(tenant, method, path, token, body);
}

async function send(
  { url }: Owned,
  method: string,
  path: string,
  token: string | undefined,
  body: unknown,
): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok) return answer;
  const { data } = refusal.safeParse(answer);
  throw new CliError(
    "tenant_refused",
    `the local tenant answered ${response.status} to ${method} ${path}: ${data?.message ?? text.slice(0, 200)}`,
    { exitCode: exitCodes.general },
  );
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
