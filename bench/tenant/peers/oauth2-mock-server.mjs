/** oauth2-mock-server as its documentation starts it. */
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server(process.env.TLS_KEY, process.env.TLS_CERT);
await server.issuer.keys.generate("RS256");
await server.start(0, "localhost");
const form = { path: "/token", contentType: "application/x-www-form-urlencoded" };
const client = "client_id=bench&client_secret=bench&aud=https%3A%2F%2Fbench.example";
const operations = {
  "signed token": { ...form, bodies: [`grant_type=client_credentials&${client}`] },
  refresh: {
    ...form,
    bodies: [`grant_type=refresh_token&refresh_token=any&scope=openid&${client}`],
  },
};
console.log(JSON.stringify({ port: server.address().port, operations }));
