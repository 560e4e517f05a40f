/** AuthHero on Node, over a store of ours that is a few maps: faster than any database that it has an adapter for. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { serve } from "@hono/node-server";
import { init } from "authhero";

const tenant = {
  id: "bench",
  name: "bench",
  audience: "https://bench.example",
  sender_email: "x@bench.example",
  sender_name: "x",
};
const client = {
  ...{ id: "bench", name: "bench", client_secret: "bench", tenant, connections: [], callbacks: [] },
  ...{ allowed_logout_urls: [], web_origins: [], disable_sign_ups: false },
};
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { kid: "bench", cert: "", pkcs7: privateKey.export({ type: "pkcs8", format: "pem" }) };
const user = {
  ...{ user_id: "auth0|bench", email: "user@bench.example", email_verified: true, login_count: 0 },
  ...{ provider: "auth0", connection: "Username-Password-Authentication", is_social: false },
  ...{ created_at: new Date().toISOString(), updated_at: new Date().toISOString() },
};
const refreshToken = {
  ...{
    id: "bench-refresh",
    session_id: "session",
    user_id: user.user_id,
    client_id: "bench",
    rotating: false,
  },
  ...{ device: {}, created_at: new Date().toISOString() },
  resource_servers: [{ audience: "https://bench.example", scopes: "openid email offline_access" }],
};
const nothing = new Proxy({}, { get: () => async () => null });
const known = {
  tenants: { get: async () => tenant },
  clients: { get: async (id) => (id === "bench" ? client : null) },
  keys: { list: async () => [key] },
  users: { get: async () => user, update: async () => true },
  refreshTokens: {
    get: async (_tenant, id) => (id === refreshToken.id ? refreshToken : null),
    update: async () => true,
  },
  hooks: { list: async () => ({ hooks: [], start: 0, limit: 0, length: 0 }) },
  logs: { create: async (_tenant, log) => log },
};
const dataAdapter = new Proxy(known, { get: (target, name) => target[name] ?? nothing });
const { app } = init({ dataAdapter });
const settings = {
  ISSUER: "https://localhost/",
  AUTH_URL: "https://localhost/",
  JWKS_URL: "",
  data: dataAdapter,
};
serve(
  {
    fetch: (request) =>
      app.fetch(request, settings, { waitUntil: () => {}, passThroughOnException: () => {} }),
    createServer,
    serverOptions: {
      key: readFileSync(process.env.TLS_KEY),
      cert: readFileSync(process.env.TLS_CERT),
    },
    ...{ port: 0, hostname: "localhost" },
  },
  ({ port }) => {
    const json = { path: "/oauth/token", contentType: "application/x-www-form-urlencoded" };
    const machine =
      "grant_type=client_credentials&client_id=bench&client_secret=bench&audience=https%3A%2F%2Fbench.example";
    const refresh = `grant_type=refresh_token&client_id=bench&refresh_token=${refreshToken.id}`;
    const operations = {
      "signed token": { ...json, bodies: [machine] },
      refresh: { ...json, bodies: [refresh] },
    };
    console.log(JSON.stringify({ port, operations }));
  },
);
