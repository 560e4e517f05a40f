/** @module A stack of CONNECTIONS connections that one client may use: what is measured beside the kit's own program. */
import { findMyAccountApi, MyAccountApi } from "../components/my-account-api.ts";
import { OAuth2Connection } from "../components/oauth2-connection.ts";
import { TokenVaultClient } from "../components/token-vault-client.ts";
import { profileScript } from "../scripts/profile-script.ts";

const domain = process.env["AUTH0_DOMAIN"] ?? "";
const count = Number(process.env["CONNECTIONS"] ?? 1);
const scopes = (process.env["SCOPES"] ?? "openid profile").split(" ");
const api = "https://desk.acme.test";

const myAccountApi = new MyAccountApi("my-account", {
  domain,
  existingId: await findMyAccountApi(domain),
});
const connections = Array.from({ length: count }, (_, index) => {
  const name = `bench-${index + 1}`;
  return new OAuth2Connection(name, {
    name,
    displayName: name,
    authorizationEndpoint: `${api}/authorize`,
    tokenEndpoint: `${api}/token`,
    clientId: "auth0",
    clientSecret: "a secret of the bench",
    // Only the first one's scopes are changed.
    scopes: index === 0 ? scopes : ["openid", "profile"],
    fetchUserProfile: profileScript({ userinfoUrl: `${api}/userinfo` }),
  });
});
const client = new TokenVaultClient("agent", { name: "bench agent", myAccountApi, connections });
export const { clientId } = client;
