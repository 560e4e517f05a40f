/** @module What Token Vault stands on in the tenant: the My Account API, its policy and grant, and the connection. */
import { type Chain, refusalOf } from "./chain.ts";
import { type Check, type Finding, failed, ok, skipped } from "./check.ts";
import { lackingScopes, noConnection } from "./user-checks.ts";

export const myAccountChecks: readonly Check[] = [
  {
    id: "my_account_api",
    needs: ["discovery"],
    run: async (chain) => {
      // Without a token an API that is there says 401, and one that is not 404.
      const { status } = await chain.get("me/v1/connected-accounts/accounts");
      return status === 404
        ? failed(
            "the My Account API is not activated in the tenant",
            chain.mend("Activate it: Applications > APIs > Auth0 My Account API."),
          )
        : ok("the My Account API is there");
    },
  },
  {
    id: "mrrt_policy",
    needs: ["my_account_api", "client"],
    run: async (chain) => {
      const client = await chain.management?.client();
      if (client === undefined) return seenFromToken(chain, "mrrt_policy");
      const { policies = [] } = (client["refresh_token"] ?? {}) as {
        policies?: { audience: string; scope: string[] }[];
      };
      const policy = policies.find(({ audience }) => audience === `${chain.issuer}me/`);
      const lacking = lackingScopes(policy?.scope ?? []);
      if (lacking.length === 0) return ok("refresh tokens are good for the My Account API");
      return policyFailure(
        chain,
        policy
          ? `the client's refresh_token.policies lack ${lacking.join(" ")}`
          : "the client has no refresh_token.policies for the My Account API",
      );
    },
  },
  {
    id: "my_account_grant",
    needs: ["my_account_api", "client"],
    run: async (chain) => {
      if (chain.management === undefined) return seenFromToken(chain, "my_account_grant");
      const grant = await chain.management.userGrant();
      if (grant === undefined) return grantFailure(chain, "the client has no client grant");
      const lacking = lackingScopes((grant["scope"] ?? []) as string[]);
      return lacking.length === 0
        ? ok("the client's grant for users has the three scopes")
        : grantFailure(chain, `the client's grant lacks ${lacking.join(" ")}`);
    },
  },
];

export const connectionChecks: readonly Check[] = [
  {
    id: "connection",
    needs: ["discovery"],
    run: async (chain) => {
      const { connection, management } = chain;
      if (connection === undefined) return noConnection();
      if (management === undefined) return seenFromList(chain, connection, "connection");
      const found = await management.connection(connection);
      return found
        ? ok(`${connection}, strategy ${found["strategy"]}`)
        : failed(`the tenant has no connection ${connection}`, chain.mend("Create it."));
    },
  },
  {
    id: "connected_accounts",
    needs: ["connection"],
    run: async (chain) => {
      const { connection = "", management } = chain;
      if (management === undefined) return seenFromList(chain, connection, "connected_accounts");
      const found = await management.connection(connection);
      const { active } = (found?.["connected_accounts"] ?? {}) as { active?: boolean };
      return active === true
        ? ok("connected_accounts.active is true")
        : failed(
            `connected accounts are off on ${connection}`,
            chain.mend("Set connected_accounts.active to true on the connection."),
          );
    },
  },
  {
    id: "enabled_client",
    needs: ["connection"],
    run: async (chain) => {
      const { connection = "", management } = chain;
      if (management === undefined) return seenFromList(chain, connection, "enabled_client");
      const found = await management.connection(connection);
      const enabled = await management.enabledClients(String(found?.["id"]));
      return enabled.includes(chain.session.profile.clientId)
        ? ok("the client may use the connection")
        : failed(
            `${connection} is not enabled for the client`,
            chain.mend("Enable the client on the connection (its Applications tab)."),
          );
    },
  },
];

/** What the user's own token for the API tells, where nobody may ask the Management API. */
async function seenFromToken(
  chain: Chain,
  id: "mrrt_policy" | "my_account_grant",
): Promise<Finding> {
  const login = await chain.refreshed().catch(() => undefined);
  if (login?.status !== 200) return skipped("seen with a signed-in user", "Run: tvk login");
  const { status, body } = await chain.myAccountToken();
  const lacking = lackingScopes(String(body["scope"] ?? "").split(" "));
  if (status === 200) {
    if (lacking.length === 0) return ok("the user's token has the three scopes");
    const either = `the policy or the client grant lacks ${lacking.join(" ")}`;
    return id === "mrrt_policy"
      ? policyFailure(chain, either)
      : skipped("it or the policy lacks scopes", "--management says which");
  }
  const { code, message } = await chain
    .accounts()
    .then(() => ({ code: undefined, message: `the tenant answered ${status}` }), refusalOf);
  if (code === "MY_ACCOUNT_GRANT_MISSING") {
    return id === "mrrt_policy" ? ok("not what is refused") : grantFailure(chain, message);
  }
  return id === "mrrt_policy"
    ? policyFailure(chain, message)
    : skipped("seen when the policy is there");
}

/** What the list of connections shows: one that is there, on, and enabled is in it. */
async function seenFromList(
  chain: Chain,
  connection: string,
  id: "connection" | "connected_accounts" | "enabled_client",
): Promise<Finding> {
  const token = await chain.refreshed().then(
    ({ status }) => (status === 200 ? chain.myAccountToken() : undefined),
    () => undefined,
  );
  if (token?.status !== 200) return skipped("seen when the My Account API can be asked");
  if ((await chain.connectable()).some(({ name }) => name === connection)) {
    return ok(id === "connection" ? `${connection} can be connected` : "so it can be connected");
  }
  const off = await chain.vault.token(connection).then(
    () => false,
    (error: unknown) => refusalOf(error).code === "CONNECTION_OFF",
  );
  if (id === "connection" && off) return ok(`${connection} is there`);
  if (id === "connected_accounts" && off) {
    return failed(
      `connected accounts are off on ${connection}`,
      chain.mend("Set connected_accounts.active to true on the connection."),
    );
  }
  if (id === "enabled_client" && off) return skipped("seen when connected accounts are on");
  return failed(
    `${connection} is not there, off, or not enabled for the client`,
    chain.mend(
      "Create it, set connected_accounts.active, enable the client. --management says which.",
    ),
  );
}

function policyFailure(chain: Chain, message: string): Finding {
  return failed(
    message,
    chain.mend("Give the client the three scopes in refresh_token.policies, then tvk login."),
  );
}

function grantFailure(chain: Chain, message: string): Finding {
  return failed(
    `${message} for the My Account API`,
    chain.mend('Give it one with subject_type "user" and the three connected_accounts scopes.'),
  );
}
