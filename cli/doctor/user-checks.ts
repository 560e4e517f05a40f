/** @module The user: signed in, allowed at the My Account API, connected, and with a token that the API takes. */
import { type Chain, myAccountScopes, refreshTokenOf, refusalOf, refusalText } from "./chain.ts";
import { type Check, type Finding, failed, ok, skipped } from "./check.ts";

export const loginChecks: readonly Check[] = [
  {
    id: "login",
    needs: ["client"],
    run: async (chain) => {
      const again = "Run: tvk login";
      if (refreshTokenOf(chain.session) === "") return failed("nobody is signed in", again);
      const answer = await chain.refreshed();
      return answer.status === 200
        ? ok("the user's refresh token is good")
        : failed(`the tenant refuses the user's refresh token (${refusalText(answer)})`, again);
    },
  },
  {
    id: "rotation",
    needs: ["login"],
    run: async (chain) => {
      const client = await chain.management?.client();
      const settings = client?.["refresh_token"] as { rotation_type?: string } | undefined;
      const rotates = settings
        ? settings.rotation_type === "rotating"
        : (await chain.refreshed()).body["refresh_token"] !== undefined;
      return rotates
        ? failed(
            "the client's refresh tokens rotate, which Token Vault forbids",
            chain.mend("Set refresh_token.rotation_type to non-rotating on the client."),
          )
        : ok("refresh tokens do not rotate");
    },
  },
];

export const accountChecks: readonly Check[] = [
  {
    id: "account",
    needs: ["mrrt_policy", "my_account_grant"],
    run: async (chain) => {
      const { connection } = chain;
      if (connection === undefined) return noConnection();
      const account = await accountOf(chain, connection);
      return account
        ? ok(`${account.id} is connected at ${connection}`)
        : failed(`the user has no account connected at ${connection}`, connect(connection));
    },
  },
  {
    id: "scopes",
    needs: ["account", "enabled_client"],
    run: async (chain) => {
      const { connection = "" } = chain;
      const granted = (await accountOf(chain, connection))?.scopes ?? [];
      const wanted =
        (await chain.connectable()).find(({ name }) => name === connection)?.scopes ?? [];
      const missing = wanted.filter((scope) => !granted.includes(scope));
      return missing.length === 0
        ? ok(granted.join(" ") || "the connection asks for none")
        : failed(
            `the user has not granted ${missing.join(" ")}`,
            `${connect(connection)} --scopes ${missing.join(",")}`,
          );
    },
  },
  {
    id: "exchange",
    needs: ["account", "grant_types", "connected_accounts"],
    run: async (chain) => {
      const { connection = "" } = chain;
      try {
        const { expiresAt } = await chain.vault.token(connection, { force: true });
        const minutes = Math.round((expiresAt - chain.now()) / 60_000);
        return ok(`the vault gave a token for ${minutes} minutes`);
      } catch (error) {
        return exchangeFailure(chain, connection, error);
      }
    },
  },
  {
    id: "api_call",
    needs: ["exchange"],
    run: async (chain) => {
      const { connection = "", apiUrl } = chain;
      if (apiUrl === undefined) return skipped("no call is known", "Give one: --url https://…");
      const { origin, pathname } = new URL(apiUrl);
      const shown = `GET ${origin}${pathname}`;
      try {
        const response = await chain.vault.fetch(connection, apiUrl);
        await response.body?.cancel();
        return response.ok
          ? ok(`${shown} answered ${response.status}`)
          : refusedCall(chain, shown, response);
      } catch (error) {
        return callFailure(chain, shown, error);
      }
    },
  },
];

/** Not a fault: a profile that no stack made names no connection. */
export function noConnection(): Finding {
  return skipped("no connection is named", "Name one: tvk doctor CONNECTION");
}

/** Scopes of the My Account API that a list lacks. */
export function lackingScopes(has: readonly string[]): string[] {
  return myAccountScopes.filter((scope) => !has.includes(scope));
}

function exchangeFailure(chain: Chain, connection: string, error: unknown): Finding {
  const { code, message } = refusalOf(error);
  const hints: Partial<Record<string, string>> = {
    NOT_CONNECTED: connect(connection),
    PROVIDER_REFUSED: connect(connection),
    LOGIN_REQUIRED: "Run: tvk login",
    GRANT_NOT_ENABLED: chain.mend("Add the Token Vault grant type to the client."),
    CONNECTION_OFF: chain.mend("Set connected_accounts.active on the connection."),
    MFA_REQUIRED: 'Choose an MFA policy other than "Always": Token Vault can ask nobody.',
  };
  const hint = hints[code ?? ""] ?? "See the tenant's logs for this exchange.";
  return failed(`no token for ${connection}: ${message}`, hint);
}

function refusedCall(chain: Chain, shown: string, { status }: Response): Finding {
  const { connection = "" } = chain;
  if (status === 401) return failed(`${shown} refuses the token (401)`, connect(connection));
  if (status === 403) {
    return failed(`${shown} wants more scopes (403)`, `${connect(connection)} --scopes SCOPES`);
  }
  return failed(`${shown} answered ${status}`, "Give a call that reads: --url https://…");
}

function callFailure(chain: Chain, shown: string, error: unknown): Finding {
  const { code, message } = refusalOf(error);
  const { stack } = chain.session.profile;
  if (code === "DOMAIN_NOT_ALLOWED") {
    const host = new URL(chain.apiUrl ?? "").host;
    return failed(message, `${connect(chain.connection ?? "")} --allowed-domains ${host}`);
  }
  const up = `Run: tvk up --stack ${stack} (it starts a helpdesk that stopped)`;
  return failed(`${shown}: ${message}`, stack ? up : "Start the API, or check its address.");
}

async function accountOf(chain: Chain, connection: string) {
  return (await chain.accounts()).find((account) => account.connection === connection);
}

function connect(connection: string) {
  return `Run: tvk connect ${connection}`;
}
