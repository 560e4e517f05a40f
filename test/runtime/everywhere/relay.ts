/** @module Lets a process of this machine reach the tenant without its certificate: HTTP in, HTTPS out. */
import { once } from "node:events";
import { createServer } from "node:http";
import { request } from "node:https";

/** Starts a relay on loopback that speaks to the tenant under the tenant's own name. */
export async function startRelay(domain: string, ca: string) {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const options = { method, ca, headers: { ...headers, host: domain } };
    const onward = request(`https://${domain}${url}`, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
