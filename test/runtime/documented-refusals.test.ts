/** @module Every refusal that Auth0's API descriptions know earns a code: the table is complete by those documents. */
import { describe, expect, it } from "vitest";
import type { VaultErrorCode } from "../../runtime/errors.ts";
import type { TokenVault } from "../../runtime/token-vault.ts";
import { type SpecDocument, specDocument, specsPresent } from "../tenant/spec/spec-documents.ts";
import { errorOf, myAccount, tenantServer, vaultAt } from "./wire-vault.ts";

/** What a vault exchange makes of the examples of `POST /oauth/token`. */
const tokenRefusals: Record<string, VaultErrorCode> = {
  "400 invalid_grant": "LOGIN_REQUIRED",
  "400 invalid_request": "TENANT_REFUSED",
  "400 unsupported_grant_type": "TENANT_REFUSED",
  "401 invalid_client": "CLIENT_AUTH_FAILED",
  "401 mfa_required": "MFA_REQUIRED",
  "403 access_denied": "TENANT_REFUSED",
  // Of the password grant, which the runtime does not use.
  "403 invalid_user_password": "TENANT_REFUSED",
  "429 too_many_requests": "RATE_LIMITED",
};

/** What a call of the My Account API makes of a status that is documented for it. */
const accountRefusals: Record<string, VaultErrorCode> = {
  400: "TENANT_REFUSED",
  401: "LOGIN_REQUIRED",
  403: "MY_ACCOUNT_GRANT_MISSING",
  409: "TENANT_REFUSED",
  415: "TENANT_REFUSED",
  429: "RATE_LIMITED",
};

const redirectUri = "https://app.example.com/connected";
const account = { id: "cac_1", connection: "desk", scopes: ["read:tickets"] };
/** What makes the runtime call each operation. */
const operations: Record<string, (vault: TokenVault) => Promise<unknown>> = {
  "post /connected-accounts/connect": (vault) => vault.connect("desk", { redirectUri }),
  "post /connected-accounts/complete": async (vault) => {
    const { session, url } = await vault.connect("desk", { redirectUri });
    const state = new URL(url).searchParams.get("ticket");
    return vault.complete(`${redirectUri}?connect_code=c&state=${state}`, session);
  },
  "get /connected-accounts/accounts": (vault) => vault.connections(),
  "get /connected-accounts/connections": (vault) => vault.connect("desk", { redirectUri }),
  "delete /connected-accounts/accounts/{id}": (vault) => vault.disconnect("desk"),
};

/** "STATUS error" of each example of a refusal. */
function tokenExamples(document: SpecDocument): [string, object][] {
  const responses = document.paths["/oauth/token"]?.["post"]?.responses ?? {};
  return Object.entries(responses).flatMap(([status, response]) => {
    const content = response.content?.["application/json"] as
      | { examples?: Record<string, { value: { error?: string } }> }
      | undefined;
    return Object.values(content?.examples ?? {}).flatMap(({ value }): [string, object][] =>
      value.error ? [[`${status} ${value.error}`, value]] : [],
    );
  });
}

/** "METHOD PATH" with each documented status of a refusal. */
function accountAnswers(document: SpecDocument): [string, string][] {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/connected-accounts/"))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses = {} }]) =>
        Object.keys(responses)
          .filter((status) => status >= "400")
          .map((status): [string, string] => [`${method} ${path}`, status]),
      ),
    );
}

if (!specsPresent) process.stderr.write("the API descriptions are absent: refusals not compared\n");
const examples = specsPresent ? tokenExamples(specDocument("authentication")) : [];
const answers = specsPresent ? accountAnswers(specDocument("my-account")) : [];

describe.runIf(specsPresent)("the documented refusals", () => {
  it("are all in the tables, and nothing else is", () => {
    expect(new Set(examples.map(([name]) => name))).toEqual(new Set(Object.keys(tokenRefusals)));
    expect(new Set(answers.map(([, status]) => status))).toEqual(
      new Set(Object.keys(accountRefusals)),
    );
    expect(new Set(answers.map(([operation]) => operation))).toEqual(
      new Set(Object.keys(operations)),
    );
  });

  it.each(examples)("an exchange refused with %s has its code", async (name, body) => {
    const tenant = await tenantServer(() => ({ status: Number.parseInt(name, 10), json: body }));
    const error = await errorOf(vaultAt(tenant, { retry: { attempts: 0 } }).token("desk"));
    expect(error.code).toBe(tokenRefusals[name]);
  });

  it.each(answers)("%s refused with %s has its code", async (operation, status) => {
    const [method = "", path = ""] = operation.split(" ");
    const tenant = await tenantServer(
      myAccount((seen) => {
        const its = seen.path.split("?")[0]?.replace(/cac_1$/, "{id}");
        if (its === `/me/v1${path}` && seen.method.toLowerCase() === method) {
          const type = `https://auth0.com/api-errors/A0E-${status}-0001`;
          return { status: Number(status), json: { type, status: Number(status), title: "no" } };
        }
        if (seen.path.endsWith("/connect")) {
          const connect_params = { ticket: JSON.parse(seen.body).state };
          return {
            status: 201,
            json: { connect_uri: "https://t.test/", auth_session: "s", connect_params },
          };
        }
        return { json: { accounts: [account], connections: [] } };
      }),
    );
    const vault = vaultAt(tenant, { retry: { attempts: 0 } });
    const error = await errorOf(operations[operation]?.(vault) ?? Promise.resolve());
    expect(error).toMatchObject({ code: accountRefusals[status], status: Number(status) });
    expect(error.hint).not.toBe("");
  });
});
