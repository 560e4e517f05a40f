/** An application of somebody else's: a client of the tenant, and the page that its users come back to. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { BrowserWorld } from "./browser-world.ts";

export interface CallbackPage {
  readonly callback: string;
  /** What came back so far: each answer's parameters. */
  readonly answers: readonly URLSearchParams[];
  close(): Promise<void>;
}

export interface Application extends CallbackPage {
  readonly clientId: string;
  /** Where it sends its users to sign in. */
  authorizeUrl(more?: Readonly<Record<string, string>>): string;
}

/** Registers a third-party application: its users are asked for consent. */
export async function thirdPartyApplication(
  { project, tenant }: BrowserWorld,
  name: string,
): Promise<Application> {
  const back = await callbackPage();
  const { callback } = back;
  const client = (await project.management("POST", "/clients", {
    name,
    app_type: "regular_web",
    is_first_party: false,
    callbacks: [callback],
    grant_types: ["authorization_code"],
  })) as { client_id: string };
  const [database] = (await project.management(
    "GET",
    "/connections?name=Username-Password-Authentication",
  )) as { id: string }[];
  const enabled = [{ client_id: client.client_id, status: true }];
  await project.management("PATCH", `/connections/${database?.id}/clients`, enabled);
  return {
    ...back,
    clientId: client.client_id,
    authorizeUrl(more = {}) {
      const query = {
        client_id: client.client_id,
        redirect_uri: callback,
        response_type: "code",
        scope: "openid profile email",
        state: "s",
        ...more,
      };
      return `${tenant}/authorize?${new URLSearchParams(query)}`;
    },
  };
}

/**
 * The page that a browser comes back to. A callback where nobody listens will not do: the browser shows its own
 * error page, at a moment of its own, and ends whatever navigation has begun by then.
 */
export async function callbackPage(): Promise<CallbackPage> {
  const answers: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/callback") {
      const body = await text(request);
      answers.push(request.method === "POST" ? new URLSearchParams(body) : url.searchParams);
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end("<!doctype html><title>Application</title><h1>Back at the application</h1>");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    callback: `http://localhost:${port}/callback`,
    answers,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
