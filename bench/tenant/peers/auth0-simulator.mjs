/** @simulacrum/auth0-simulator with 10,000 users; it wants its certificate in a folder of the home. */
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Its other build, as ES modules, can't sign: "jwt.sign is not a function".
const { simulation } = createRequire(import.meta.url)("@simulacrum/auth0-simulator");

const certificates = join(homedir(), ".simulacrum", "certs");
mkdirSync(certificates, { recursive: true });
copyFileSync(process.env.TLS_CERT, join(certificates, "localhost.pem"));
copyFileSync(process.env.TLS_KEY, join(certificates, "localhost-key.pem"));

const users = Array.from({ length: 10_000 }, (_, index) => ({
  id: `user-${index}`,
  name: `user-${index}`,
  email: `user-${index}@bench.example`,
  password: "x",
}));
const { port } = await simulation({ initialState: { users } }).listen(0);
const token = Buffer.from(
  JSON.stringify({
    exp: 4e9,
    rotations: 0,
    scope: "openid offline_access",
    user: { id: "user-7" },
    nonce: "n",
  }),
).toString("base64url");
const json = { path: "/oauth/token", contentType: "application/json" };
const client = { client_id: "bench", audience: "https://bench.example" };
const operations = {
  "signed token": {
    ...json,
    bodies: [JSON.stringify({ ...client, grant_type: "client_credentials" })],
  },
  refresh: {
    ...json,
    bodies: [JSON.stringify({ ...client, grant_type: "refresh_token", refresh_token: token })],
  },
};
console.log(JSON.stringify({ port, operations }));
