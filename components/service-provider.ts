/** @module A service of somebody's own, as the OAuth2 server of a connection. */
import * as pulumi from "@pulumi/pulumi";
import type { OAuth2Provider } from "./oauth2-provider.ts";
import { findMetadata, type ServerMetadata } from "./server-metadata.ts";
import type { ServiceSettings } from "./service-settings.ts";
import { isLoopback } from "./setting-types.ts";

/** What of the stack's configuration the service depends on. */
export interface ServiceContext {
  readonly tenant: "local" | "cloud";
  readonly service?: ServiceSettings | undefined;
  readonly serviceClientSecret?: string | undefined;
  /** A fetchUserProfile of the stack's own: then no userinfo endpoint is needed. */
  readonly script?: string | undefined;
}

/** An endpoint's key in the configuration, and its name in the metadata. */
const endpoints = {
  authorizationEndpoint: "authorization_endpoint",
  tokenEndpoint: "token_endpoint",
  userinfoEndpoint: "userinfo_endpoint",
} as const;

type EndpointKey = keyof typeof endpoints;

/**
 * The service that the configuration names. Endpoints that are written there win; what is missing is
 * looked up by the issuer, with at most three requests. Changes nothing.
 *
 * @returns Undefined where the stack has no service of its own.
 * @throws {pulumi.RunError} Every problem at once: the metadata, its endpoints, what the server can't do.
 */
export async function serviceProvider(
  context: ServiceContext,
): Promise<OAuth2Provider | undefined> {
  const { service, serviceClientSecret: clientSecret = "" } = context;
  if (service === undefined) return undefined;
  const found = await foundEndpoints(service, context);
  if (found.problems.length > 0) throw new pulumi.RunError(describe(found.problems));
  for (const warning of found.warnings) await pulumi.log.warn(warning);
  const { authorizationEndpoint = "", tokenEndpoint = "", userinfoEndpoint } = found.endpoints;
  const { clientId, pkce, apiUrl } = service;
  return {
    component: "service",
    ...{ authorizationEndpoint, tokenEndpoint, userinfoEndpoint },
    ...{ clientId, clientSecret: pulumi.secret(clientSecret), pkce, apiUrl },
    helpdeskUrl: undefined,
    allowedDomains: service.allowedDomains ?? [new URL(apiUrl ?? tokenEndpoint).host],
  };
}

/** What {@link foundEndpoints} came to. Without problems every endpoint that is needed is there. */
export interface FoundEndpoints {
  readonly endpoints: Readonly<Partial<Record<EndpointKey, string>>>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Completes the endpoints of a service by its issuer's metadata, and says all that is wrong with them. */
export async function foundEndpoints(
  service: ServiceSettings,
  { tenant, script }: Pick<ServiceContext, "tenant" | "script">,
): Promise<FoundEndpoints> {
  const needed = (Object.keys(endpoints) as EndpointKey[]).filter(
    (key) => key !== "userinfoEndpoint" || script === undefined,
  );
  const problems: string[] = [];
  const warnings: string[] = [];
  const { issuer } = service;
  let metadata: ServerMetadata | undefined;
  // With all endpoints written down the service need not be up for a preview.
  if (issuer !== undefined && needed.some((key) => service[key] === undefined)) {
    const found = await findMetadata(issuer);
    if ("problems" in found) {
      problems.push(
        `service.issuer: no usable metadata of ${issuer}:`,
        ...found.problems.map((each) => `  ${each}`),
      );
    } else {
      metadata = found.metadata;
      problems.push(...incapable(found.url, found.metadata));
      warnings.push(...doubts(found.url, found.metadata, service));
    }
  }
  const complete: Partial<Record<EndpointKey, string>> = {};
  for (const key of needed) {
    const value = service[key] ?? metadata?.[endpoints[key]];
    if (value !== undefined) complete[key] = value;
    else if (metadata !== undefined)
      problems.push(
        `service.${key}: the metadata of ${issuer} has no ${endpoints[key]}; write it here${
          key === "userinfoEndpoint" ? ", or name a script of your own" : ""
        }`,
      );
  }
  problems.push(...unreachable(complete, tenant));
  return { endpoints: complete, problems, warnings };
}

/** What Token Vault can't do without. A list that is not there says nothing (RFC 8414 section 2). */
function incapable(url: string, metadata: ServerMetadata): string[] {
  const lacks = (list: readonly string[] | undefined, item: string) =>
    list !== undefined && !list.includes(item);
  const { grant_types_supported: grants, response_types_supported: responses } = metadata;
  return [
    ...["authorization_code", "refresh_token"]
      .filter((grant) => lacks(grants, grant))
      .map((grant) => `service.issuer: ${url} says that it has no ${grant} grant`),
    ...(lacks(responses, "code")
      ? [`service.issuer: ${url} says that it has no response type code`]
      : []),
  ];
}

/** What works only if the server does more than it says. */
function doubts(url: string, metadata: ServerMetadata, service: ServiceSettings): string[] {
  const warnings: string[] = [];
  const { scopes_supported: scopes, token_endpoint_auth_methods_supported: methods } = metadata;
  const unknown = scopes === undefined ? [] : service.scopes.filter((s) => !scopes.includes(s));
  if (unknown.length > 0) {
    warnings.push(`service.scopes: ${url} does not list ${unknown.join(", ")}`);
  }
  if (methods !== undefined && !methods.includes("client_secret_post")) {
    warnings.push(
      `${url} does not list client_secret_post, by which Auth0 proves itself at a custom connection`,
    );
  }
  const { code_challenge_methods_supported: challenges } = metadata;
  if (service.pkce && challenges !== undefined && !challenges.includes("S256")) {
    warnings.push(`${url} does not list S256; if it refuses a challenge, set service.pkce: false`);
  }
  return warnings;
}

/** Auth0 itself calls the token endpoint and, from the script, userinfo. */
function unreachable(
  complete: Readonly<Partial<Record<EndpointKey, string>>>,
  tenant: "local" | "cloud",
): string[] {
  if (tenant === "local") return [];
  return Object.entries(complete)
    .filter(([, url]) => isLoopback(new URL(url).hostname))
    .map(
      ([key, url]) =>
        `service.${key}: ${url} is on this machine, where Auth0 cannot reach it; give a public https address`,
    );
}

function describe(problems: readonly string[]): string {
  return [
    "the stack's service can't be used; nothing was created or changed:",
    ...problems.map((each) => `  ${each}`),
    "Endpoints that are written under `service` win over what its issuer says.",
  ].join("\n");
}
