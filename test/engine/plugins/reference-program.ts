/** @module The program whose state the official auth0 provider wrote into the recording. */

/** Takes the tenant from `DOMAIN`, and lets a test change what it wants to see changed. */
export const referenceProgram = `
import * as pulumi from "@pulumi/pulumi";
import * as auth0 from "@pulumi/auth0";

const { DOMAIN, DATABASE, DESCRIPTION = "Token Vault client" } = process.env;
const { CONNECTION = "acme-helpdesk", HELPDESK = "http://localhost:3001" } = process.env;
const ports = [18484, 18485, 18486, 18487, 18488, 18489];
const scopes = ["create", "read", "delete"].map((verb) => verb + ":me:connected_accounts");

const myAccount = new auth0.ResourceServer("my-account", {
  name: "Auth0 My Account API",
  identifier: "https://" + DOMAIN + "/me/",
  signingAlg: "RS256",
  allowOfflineAccess: true,
  skipConsentForVerifiableFirstPartyClients: true,
  subjectTypeAuthorization: { user: { policy: "require_client_grant" } },
});
const agent = new auth0.Client("agent", {
  name: "Token Vault agent",
  description: DESCRIPTION,
  appType: "regular_web",
  isFirstParty: true,
  oidcConformant: true,
  callbacks: ports.map((port) => "http://127.0.0.1:" + port + "/callback"),
  allowedLogoutUrls: ports.map((port) => "http://127.0.0.1:" + port),
  jwtConfiguration: { alg: "RS256" },
  grantTypes: [
    "authorization_code",
    "refresh_token",
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
  ],
  refreshToken: {
    rotationType: "non-rotating",
    expirationType: "non-expiring",
    policies: [{ audience: myAccount.identifier, scopes }],
  },
});
const credentials = new auth0.ClientCredentials("agent-credentials", {
  clientId: agent.clientId,
  authenticationMethod: "client_secret_post",
});
const helpdesk = new auth0.Connection("helpdesk", {
  name: CONNECTION,
  strategy: "oauth2",
  authentication: { active: true },
  connectedAccounts: { active: true },
  options: {
    clientId: "auth0-custom-oauth2",
    clientSecret: pulumi.secret("s3cr3t-helpdesk"),
    authorizationEndpoint: HELPDESK + "/authorize",
    tokenEndpoint: HELPDESK + "/token",
    pkceEnabled: true,
    scopes: ["openid", "profile", "read:tickets", "write:tickets"],
    scripts: {
      fetchUserProfile:
        "function fetchUserProfile(accessToken, ctx, cb) { cb(null, { user_id: '1' }); }",
    },
  },
});
const database = new auth0.Connection("database", { name: DATABASE, strategy: "auth0" });
for (const [name, connection] of [["helpdesk-clients", helpdesk], ["database-clients", database]]) {
  new auth0.ConnectionClients(name, { connectionId: connection.id, enabledClients: [agent.clientId] });
}
new auth0.ClientGrant("my-account-grant", {
  clientId: agent.clientId,
  audience: myAccount.identifier,
  scopes,
  subjectType: "user",
});

export const clientId = agent.clientId;
export const connectionId = helpdesk.id;
export const secret = credentials.clientSecret;
`;
