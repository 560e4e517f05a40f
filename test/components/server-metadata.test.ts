import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { findMetadata, metadataUrls } from "../../components/server-metadata.ts";
import { foundEndpoints } from "../../components/service-provider.ts";
import type { ServiceSettings } from "../../components/service-settings.ts";

/** What the server answers by path: a document, a text, or a status. */
let answers: Record<string, object | string | number>;
let asked: string[];
let server: Server;
let origin: string;

beforeEach(async () => {
  [answers, asked] = [{}, []];
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const answer = answers[url] ?? 404;
    response.statusCode = typeof answer === "number" ? answer : 200;
    if (answer === 302) response.setHeader("location", "https://elsewhere.example/");
    response.end(typeof answer === "object" ? JSON.stringify(answer) : String(answer));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise<void>((done) => void server.close(() => done())));

function document(change: Record<string, unknown> = {}): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/a`,
    token_endpoint: `${origin}/t`,
    userinfo_endpoint: `${origin}/u`,
    ...change,
  };
}

function service(change: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    name: "wiki",
    issuer: origin,
    clientId: "c",
    scopes: ["openid"],
    pkce: true,
    apiUrl: `${origin}/api`,
    ...change,
  };
}

const local = { tenant: "local", script: undefined } as const;
const openid = "/.well-known/openid-configuration";
const oauth = "/.well-known/oauth-authorization-server";

suite("metadataUrls()", () => {
  test("appends for OpenID Connect, inserts before the path for RFC 8414", () => {
    expect(metadataUrls("https://a.example/tenants/one/")).toEqual([
      "https://a.example/tenants/one/.well-known/openid-configuration",
      "https://a.example/.well-known/oauth-authorization-server/tenants/one",
      "https://a.example/.well-known/openid-configuration/tenants/one",
    ]);
  });

  test("an issuer without a path has two places", () => {
    expect(metadataUrls("https://a.example")).toEqual([
      "https://a.example/.well-known/openid-configuration",
      "https://a.example/.well-known/oauth-authorization-server",
    ]);
  });
});

suite("findMetadata()", () => {
  test("takes the first place that has a document", async () => {
    answers = { [openid]: document(), [oauth]: document({ token_endpoint: `${origin}/other` }) };
    expect(await findMetadata(origin)).toMatchObject({
      url: `${origin}${openid}`,
      metadata: { token_endpoint: `${origin}/t` },
    });
    expect(asked).toEqual([openid]);
  });

  test("finds the metadata of an issuer with a path where RFC 8414 puts it", async () => {
    answers = { [`${oauth}/one`]: document({ issuer: `${origin}/one` }) };
    expect(await findMetadata(`${origin}/one`)).toMatchObject({ url: `${origin}${oauth}/one` });
  });

  test("a last slash makes no other issuer", async () => {
    answers = { [openid]: document({ issuer: `${origin}/` }) };
    expect(await findMetadata(origin)).toHaveProperty("metadata");
  });

  test("refuses a document about another issuer, and names both", async () => {
    answers = { [openid]: document({ issuer: "https://other.example" }), [oauth]: document() };
    expect(await findMetadata(origin)).toEqual({
      problems: [`${origin}${openid} is about the issuer "https://other.example", not "${origin}"`],
    });
  });

  test("says of each place what it answered", async () => {
    answers = { [openid]: "<html>", [oauth]: 302 };
    expect(await findMetadata(origin)).toEqual({
      problems: [
        `${origin}${openid} answered 200 with something that is not JSON`,
        `${origin}${oauth} answered 302, a redirect to https://elsewhere.example/`,
      ],
    });
  });

  test("names every wrong field of a document", async () => {
    answers = {
      [openid]: document({
        token_endpoint: "http://a.example/t",
        authorization_endpoint: "nowhere",
        grant_types_supported: "all",
      }),
    };
    const found = await findMetadata(origin);
    expect("problems" in found && found.problems.map((each) => each.split(" ")[1])).toEqual([
      "authorization_endpoint",
      "token_endpoint",
      "grant_types_supported",
    ]);
  });

  test("asks a server that can't be reached once", async () => {
    await new Promise<void>((done) => void server.close(() => done()));
    expect(await findMetadata(origin)).toEqual({
      problems: [`${origin}${openid} can't be reached (ECONNREFUSED)`],
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
});

suite("foundEndpoints()", () => {
  test("endpoints that are written down win over the metadata", async () => {
    answers = { [openid]: document() };
    const { endpoints } = await foundEndpoints(
      service({ tokenEndpoint: "https://b.example/t" }),
      local,
    );
    expect(endpoints).toEqual({
      authorizationEndpoint: `${origin}/a`,
      tokenEndpoint: "https://b.example/t",
      userinfoEndpoint: `${origin}/u`,
    });
  });

  test("asks nobody where every endpoint is written down", async () => {
    const written = {
      authorizationEndpoint: "https://b.example/a",
      tokenEndpoint: "https://b.example/t",
    };
    expect(await foundEndpoints(service(written), { ...local, script: "./own.ts" })).toEqual({
      endpoints: written,
      problems: [],
      warnings: [],
    });
    expect(asked).toEqual([]);
  });

  test("says all that the server lacks at once", async () => {
    answers = {
      [oauth]: document({
        userinfo_endpoint: undefined,
        grant_types_supported: ["authorization_code"],
        response_types_supported: ["token"],
      }),
    };
    const { problems } = await foundEndpoints(service(), local);
    expect(problems).toEqual([
      `service.issuer: ${origin}${oauth} says that it has no refresh_token grant`,
      `service.issuer: ${origin}${oauth} says that it has no response type code`,
      expect.stringMatching(
        /^service\.userinfoEndpoint: .* has no userinfo_endpoint; write it here/,
      ),
    ]);
  });

  test("warns of what the server does not say it can", async () => {
    answers = {
      [openid]: document({
        scopes_supported: ["openid"],
        code_challenge_methods_supported: ["plain"],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
      }),
    };
    const { problems, warnings } = await foundEndpoints(
      service({ scopes: ["openid", "read:pages"] }),
      local,
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining("does not list read:pages"),
      expect.stringContaining("does not list client_secret_post"),
      expect.stringContaining("service.pkce: false"),
    ]);
  });

  test("a cloud stack refuses endpoints on this machine", async () => {
    answers = { [openid]: document() };
    const { problems } = await foundEndpoints(service(), { ...local, tenant: "cloud" });
    expect(problems.map((each) => each.split(":")[0])).toEqual([
      "service.authorizationEndpoint",
      "service.tokenEndpoint",
      "service.userinfoEndpoint",
    ]);
  });
});
