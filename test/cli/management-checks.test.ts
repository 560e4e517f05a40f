/** What `tvk doctor --management` says of the Management application and of the tenant's MFA policy. */
import { afterEach, describe, expect, it } from "vitest";
import type { Chain } from "../../cli/doctor/chain.ts";
import { managementChecks } from "../../cli/doctor/management-checks.ts";
import { managementScopes } from "../../cli/doctor/management-scopes.ts";
import { managementView } from "../../cli/doctor/management-view.ts";
import { type Reply, type WireServer, wireServer } from "../runtime/wire-server.ts";

let server: WireServer | undefined;
afterEach(() => server?.close());

/** Findings at a tenant that grants these scopes and answers so to a question for its policies. */
async function found(id: string, scope: string | undefined, policies: Reply) {
  server = await wireServer(({ path }) => {
    if (path === "/oauth/token") return { json: { access_token: "t", ...(scope && { scope }) } };
    return path === "/api/v2/guardian/policies" ? policies : { status: 404, json: {} };
  });
  const credentials = { domain: server.host, clientId: "m2m", clientSecret: "s" };
  const management = managementView(credentials, { clientId: "client-1", timeoutMs: 5_000 });
  return managementChecks.find((each) => each.id === id)?.run({ management } as unknown as Chain);
}

const all = managementScopes.join(" ");

describe("management_scopes", () => {
  it("is ok with exactly the scopes that a stack needs", async () => {
    expect(await found("management_scopes", all, {})).toMatchObject({ status: "ok" });
  });

  it("names every scope that is missing", async () => {
    const scope = managementScopes
      .filter((each) => !/^(read:client_keys|delete:connections)$/.test(each))
      .join(" ");
    expect(await found("management_scopes", scope, {})).toMatchObject({
      status: "failed",
      message: "the Management application lacks read:client_keys delete:connections",
    });
  });
});

describe("mfa_policy", () => {
  it.each([
    ["Always is broken, and says where to change it", { json: ["all-applications"] }, "failed"],
    ["adaptive is ok", { json: ["confidence-score"] }, "ok"],
    ["never is ok", { json: [] }, "ok"],
    ["a tenant without policies is ok", { status: 404, json: {} }, "ok"],
    ["the local tenant, which has none, is ok", { status: 501, json: {} }, "ok"],
    ["a policy that may not be read is left out", { status: 403, json: {} }, "skipped"],
  ] as const)("%s", async (_, policies, status) => {
    expect(await found("mfa_policy", all, policies as Reply)).toMatchObject({ status });
  });
});
