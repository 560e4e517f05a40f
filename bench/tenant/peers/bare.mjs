/** The ceiling: reads the request, signs one JWT off the main thread, answers. */
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const header = encode({ alg: "RS256", typ: "JWT", kid: "bench" });
const server = createServer(
  { key: readFileSync(process.env.TLS_KEY), cert: readFileSync(process.env.TLS_CERT) },
  (request, response) => {
    request.resume();
    request.on("end", () => {
      const iat = Math.floor(Date.now() / 1000);
      const claims = {
        iss: "https://localhost/",
        sub: "bench@clients",
        aud: "https://bench.example",
      };
      const input = `${header}.${encode({ ...claims, iat, exp: iat + 86_400, gty: "client-credentials" })}`;
      sign("RSA-SHA256", Buffer.from(input), privateKey, (_error, signature) => {
        const access_token = `${input}.${signature.toString("base64url")}`;
        const body = JSON.stringify({ access_token, expires_in: 86_400, token_type: "Bearer" });
        response.setHeader("content-type", "application/json");
        response.setHeader("content-length", Buffer.byteLength(body));
        response.end(body);
      });
    });
  },
);
server.listen(0, "localhost", () => {
  const form = { path: "/oauth/token", contentType: "application/x-www-form-urlencoded" };
  const operations = { "signed token": { ...form, bodies: ["grant_type=client_credentials"] } };
  console.log(JSON.stringify({ port: server.address().port, operations }));
});
