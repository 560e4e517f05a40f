/** @module The client: that it is there, proves itself, and may do what the vault needs. */
import { callbackPorts } from "../sign-in/callback-server.ts";
import { type Chain, refusalText } from "./chain.ts";
import { type Check, failed, ok } from "./check.ts";

const VAULT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/** Each grant with a request that is wrong but for the grant: what is refused is the grant, or that. */
const grants: readonly Readonly<Record<string, string>>[] = [
  { grant_type: "authorization_code", code: "doctor", redirect_uri: "http://127.0.0.1/callback" },
  { grant_type: "refresh_token", refresh_token: "doctor" },
  {
    grant_type: VAULT,
    subject_token: "doctor",
    subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token",
    requested_token_type: "http://auth0.com/oauth/token-type/federated-connection-access-token",
    connection: "doctor",
  },
];

export const clientChecks: readonly Check[] = [
  {
    id: "client",
    needs: ["discovery"],
    run: async (chain) => {
      const { clientId } = chain.session.profile;
      const stack = chain.session.profile.stack;
      const renew =
        stack === undefined
          ? "Run: tvk login --reconfigure"
          : `Run: tvk up --stack ${stack} -- --refresh, or tvk init --stack ${stack}`;
      const client = await chain.management?.client();
      if (chain.management && client === undefined) {
        return failed(`the tenant has no client ${clientId}`, renew);
      }
      const answer = await chain.token(grants[0] ?? {});
      const { error } = answer.body;
      // Auth0's answer to a wrong secret is invalid_client, on older tenants access_denied (inferred).
      if (answer.status === 401 || error === "invalid_client" || error === "access_denied") {
        const seen = client === undefined ? "id or secret" : "secret";
        return failed(`the tenant refuses the client's ${seen} (${refusalText(answer)})`, renew);
      }
      const { is_first_party: firstParty } = client ?? {};
      if (firstParty === false) {
        return failed("the client is not first-party", chain.mend("Make it a first-party client."));
      }
      return ok(`${clientId} proves itself with its secret`);
    },
  },
  {
    id: "grant_types",
    needs: ["client"],
    run: async (chain) => {
      const missing = await missingGrants(chain);
      if (missing.length === 0) return ok("authorization_code, refresh_token and Token Vault");
      return failed(
        `the client lacks the grant type ${missing.map(shortName).join(", ")}`,
        chain.mend(`Add to the client's grant_types: ${missing.join(", ")}`),
      );
    },
  },
  {
    id: "callbacks",
    needs: ["client"],
    run: async (chain) => {
      const missing = await missingCallbacks(chain);
      if (missing.length === 0) return ok(`${callbackPorts.length} addresses on this machine`);
      const byHand = chain.mend("Add it to the client's Allowed Callback URLs.");
      // From outside, a client without any sign-in connection is refused like one without callbacks.
      return missing.length === callbackPorts.length && chain.management === undefined
        ? failed("/authorize refuses the client: no callbacks, or nothing to sign in with", byHand)
        : failed(`the client has not the callback ${missing.join(", ")}`, byHand);
    },
  },
];

async function missingGrants(chain: Chain): Promise<string[]> {
  const client = await chain.management?.client();
  const names = grants.map(({ grant_type: name = "" }) => name);
  if (client !== undefined) {
    const has = (client["grant_types"] ?? []) as string[];
    return names.filter((name) => !has.includes(name));
  }
  const answers = await Promise.all(grants.map((grant) => chain.token(grant)));
  return names.filter((_, index) => answers[index]?.body["error"] === "unauthorized_client");
}

/** Asks /authorize for each address: a redirect is a yes, an error page a no. */
async function missingCallbacks(chain: Chain): Promise<string[]> {
  const client = await chain.management?.client();
  const callbacks = callbackPorts.map((port) => `http://127.0.0.1:${port}/callback`);
  if (client !== undefined) {
    const has = (client["callbacks"] ?? []) as string[];
    return callbacks.filter((callback) => !has.includes(callback));
  }
  const refused: string[] = [];
  for (const callback of callbacks) {
    const query = new URLSearchParams({
      client_id: chain.session.profile.clientId,
      response_type: "code",
      redirect_uri: callback,
      scope: "openid",
      state: "doctor",
    });
    if ((await chain.get(`authorize?${query}`)).status >= 400) refused.push(callback);
  }
  return refused;
}

function shortName(grant: string) {
  return grant === VAULT ? "Token Vault (token-exchange:federated-connection-access-token)" : grant;
}
