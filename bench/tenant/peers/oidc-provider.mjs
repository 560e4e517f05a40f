/** oidc-provider with its memory adapter, JWT access tokens, and refresh tokens that were made beforehand. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const resource = "https://bench.example";
const client = {
  client_id: "bench",
  client_secret: "a secret for measurements alone",
  redirect_uris: ["https://app.example.com/callback"],
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_method: "client_secret_post",
};
const server = createServer({
  key: readFileSync(process.env.TLS_KEY),
  cert: readFileSync(process.env.TLS_CERT),
});
server.listen(0, "localhost", async () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [client],
    jwks: {
      keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "bench" }],
    },
    cookies: { keys: ["bench"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@bench.example` }),
    }),
    rotateRefreshToken: false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope: "read",
          audience: resource,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  server.on("request", provider.callback());
  const bodies = [];
  const found = await provider.Client.find("bench");
  for (let index = 0; index < 100; index += 1) {
    const grant = new provider.Grant({ accountId: `user-${index}`, clientId: "bench" });
    grant.addOIDCScope("openid email offline_access");
    grant.addResourceScope(resource, "read");
    const grantId = await grant.save();
    const token = new provider.RefreshToken({
      ...{ accountId: `user-${index}`, client: found, grantId, gty: "authorization_code" },
      ...{ scope: "openid email offline_access read", authTime: 1, resource },
    });
    const { client_id, client_secret } = client;
    const params = { grant_type: "refresh_token", client_id, client_secret };
    bodies.push(String(new URLSearchParams({ ...params, refresh_token: await token.save() })));
  }
  const { client_id, client_secret } = client;
  const params = { grant_type: "client_credentials", client_id, client_secret, resource };
  const form = { path: "/token", contentType: "application/x-www-form-urlencoded" };
  const operations = {
    "signed token": { ...form, bodies: [String(new URLSearchParams(params))] },
    refresh: { ...form, bodies },
  };
  console.log(JSON.stringify({ port, operations }));
});
