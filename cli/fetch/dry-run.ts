/** @module What `--dry-run` shows instead of doing it. Nothing is sent, and no token is read. */
import { checkUrl, hostRules } from "../../runtime/allowed-hosts.ts";
import type { KnownService } from "../connections/known-services.ts";
import { printResult } from "../output.ts";
import { keptTokens } from "../profiles/profile-token-store.ts";
import type { Profile } from "../profiles/profiles.ts";

export interface PlannedFetch {
  readonly connection: string;
  readonly url: URL;
  readonly init: RequestInit;
  readonly allowedDomains: readonly string[];
}

/**
 * Shows the request that `tvk fetch` would send, the token's place marked.
 *
 * @throws {VaultError} `DOMAIN_NOT_ALLOWED`, `INSECURE_URL`: as the call itself would.
 */
export function showFetch({ connection, url, init, allowedDomains }: PlannedFetch): void {
  checkUrl(url, hostRules([...allowedDomains]), connection);
  const { method = "GET", headers, body } = init;
  const shown = {
    authorization: `Bearer [the token of ${connection}]`,
    ...Object.fromEntries(new Headers(headers)),
  };
  const bodyBytes = body instanceof Uint8Array ? body.byteLength : 0;
  const result = {
    dryRun: true,
    request: { method, url: url.href, headers: shown, bodyBytes },
    connection,
    allowed: true,
    allowedDomains,
  };
  printResult(result, () =>
    [
      `${method} ${url.pathname}${url.search} HTTP/1.1`,
      `host: ${url.host}`,
      ...Object.entries(shown).map(([name, value]) => `${name}: ${value}`),
      ...(bodyBytes > 0 ? [`content-length: ${bodyBytes}`] : []),
      "",
      `${url.host} is an allowed domain of ${connection}. Nothing was sent.`,
    ].join("\n"),
  );
}

export interface PlannedConnect {
  readonly service: string;
  readonly connection: string;
  readonly scopes: readonly string[];
  readonly allowedDomains: readonly string[];
}

/** Shows what `tvk connect` would ask for; what is granted already is added to it by the real call. */
export function showConnect(planned: PlannedConnect): void {
  const { connection, scopes, allowedDomains } = planned;
  hostRules([...allowedDomains]);
  printResult({ dryRun: true, ...planned }, () =>
    [
      `Would connect ${connection}, asking for ${scopes.join(" ") || "the connection's own scopes"}`,
      `Would allow ${allowedDomains.join(", ") || "no further host"}. Nothing was sent.`,
    ].join("\n"),
  );
}

/** Shows what `tvk disconnect` would forget here, and whether it would ask the tenant. */
export function showDisconnect(
  service: string,
  { connection }: Pick<KnownService, "connection">,
  { connections, serviceSettings }: Profile,
  remote: boolean,
): void {
  const tokens = keptTokens(connections).filter((token) => token.connection === connection).length;
  const allowedDomains = serviceSettings[service.toLowerCase()]?.allowedDomains ?? [];
  printResult({ dryRun: true, service, connection, remote, tokens, allowedDomains }, () =>
    [
      `Would forget ${tokens} kept token(s) of ${connection} and the hosts ${allowedDomains.join(", ") || "(none)"}`,
      remote ? "Would remove its accounts from the vault. Nothing was sent." : "Nothing was sent.",
    ].join("\n"),
  );
}
