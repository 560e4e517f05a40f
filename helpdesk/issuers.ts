/** @module One OAuth server for each issuer that the helpdesk has, all on one token store. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DatabaseSync } from "node:sqlite";
import type Provider from "oidc-provider";
import {
  type AuthorizationServerOptions,
  authorizationServer,
  oauthPaths,
} from "./authorization-server.ts";
import { signingKey } from "./signing-key.ts";
import { tokenStore } from "./token-store.ts";

export interface IssuersOptions
  extends Omit<AuthorizationServerOptions, "issuer" | "signingKey" | "store"> {
  readonly database: DatabaseSync;
  readonly tokenSecret: string;
  /** The issuer of requests whose host is not trusted: always there. */
  readonly publicUrl: string;
}

export interface Issuers {
  /** The server of an issuer, made at the first request for it. */
  of(issuer: string): Provider;
  /** Answers a request for one of the OAuth paths; false for any other. */
  handle(issuer: string, request: IncomingMessage, response: ServerResponse): boolean;
}

/** More are forged hosts below a trusted wildcard; the oldest server is dropped. */
const maxIssuers = 16;

/**
 * Makes the servers. A flow is of the issuer at whose address its browser is: where that is a trusted
 * tunnel and the code is redeemed at another address, the ID token (which a custom oauth2 connection
 * does not read) names the public one. With `publicUrl` given as the tunnel's there is one for all.
 */
export function issuers(options: IssuersOptions): Issuers {
  const { database, tokenSecret, publicUrl, ...shared } = options;
  const store = tokenStore(database, tokenSecret);
  const key = signingKey(tokenSecret);
  const make = (issuer: string) => {
    const provider = authorizationServer({ ...shared, issuer, store, signingKey: key });
    return { provider, callback: provider.callback() };
  };
  const first = make(publicUrl);
  const others = new Map<string, typeof first>();
  const serverOf = (issuer: string) => {
    if (issuer === publicUrl) return first;
    const server = others.get(issuer) ?? make(issuer);
    others.set(issuer, server);
    if (others.size > maxIssuers) others.delete(others.keys().next().value ?? "");
    return server;
  };
  return {
    of: (issuer) => serverOf(issuer).provider,
    handle(issuer, request, response) {
      if (!isOauthPath(request.url ?? "/")) return false;
      void serverOf(issuer).callback(request, response);
      return true;
    },
  };
}

function isOauthPath(url: string): boolean {
  const [path = "/"] = url.split("?", 1);
  // /authorize/ID is where the browser comes back after signing in.
  return path.startsWith("/authorize/") || oauthPaths.some((each) => each === path);
}
