/** @module The validator itself: it must catch what it is there for. */
import { expect, suite, test } from "vitest";
import { specsPresent } from "./spec-documents.ts";
import { specFetch } from "./spec-fetch.ts";

const headers = {
  "content-type": "application/json; charset=utf-8",
  "x-ratelimit-limit": "1",
  "x-ratelimit-remaining": "1",
  "x-ratelimit-reset": "1",
};

const answering = (status: number, body?: unknown, other: Record<string, string> = {}) =>
  specFetch(async () => {
    const text = body === undefined ? null : JSON.stringify(body);
    return new Response(text, { status, headers: { ...headers, ...other } });
  });

const url = "https://localhost/api/v2";
const named = specsPresent
  ? "specFetch()"
  : "specFetch() NOT RUN against descriptions: ../shared/specs is absent";

suite(named, () => {
  test("lets a described answer through", async () => {
    const response = await answering(200, { universal_login_experience: "new" })(`${url}/prompts`);
    expect(response.status).toBe(200);
  });

  test.runIf(specsPresent)(
    "throws on an undescribed status, body, header and error form",
    async () => {
      const grant = { client_id: "c", audience: "a", scope: [], extra: 1 };
      const calls: [typeof fetch, string][] = [
        [answering(418, {}), "/prompts"],
        [answering(200, { universal_login_experience: "newest" }), "/prompts"],
        [answering(200, [grant]), "/client-grants"],
        [answering(200, {}, { "content-type": "text/plain" }), "/prompts"],
        [answering(404, { error: "not_found" }), "/clients/x"],
      ];
      for (const [call, path] of calls) {
        await expect(call(`${url}${path}`), path).rejects.toThrow("answered");
      }
      const bare = specFetch(async () => new Response("{}", { status: 200 }));
      await expect(bare(`${url}/prompts`)).rejects.toThrow("x-ratelimit-limit");
    },
  );

  test.runIf(specsPresent)(
    "throws when a body was accepted that the description refuses",
    async () => {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ audience: "a", colour: "blue" }),
      };
      const call = answering(201, { id: "cgr_1" })(`${url}/client-grants`, init);
      await expect(call).rejects.toThrow("it accepted a body that the description refuses");
    },
  );

  test.runIf(specsPresent)("holds My Account and Authentication answers to theirs", async () => {
    const host = "https://localhost";
    const connect = answering(201, { auth_session: "a" });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    await expect(connect(`${host}/me/v1/connected-accounts/connect`, init)).rejects.toThrow(
      "connect_uri",
    );
    await expect(answering(418, {})(`${host}/userinfo`)).rejects.toThrow("no such status");
  });

  test("lets paths through that no description has", async () => {
    expect((await answering(418)("https://localhost/somewhere")).status).toBe(418);
  });
});
