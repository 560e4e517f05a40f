/** @module What a warm call of the runtime costs beside a bare fetch, and what 1,000 cold calls ask of the tenant: `npm run bench`. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { ClientSecretPost, TokenVault } from "../runtime/index.ts";

/** Rounds of each kind, one after the other in turn, so that both meet the same machine. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 30);
const CALLS = Number(process.env["CALLS"] ?? 500);
/** Calls under way at once. */
const WIDTH = 8;
const COLD_CALLS = 1_000;

let exchanges = 0;
const api = await listen(createServer((_, response) => response.end('{"tickets":[]}')));
/** The tenant's part is answered in this process: a warm call does not reach it. */
const tenantFetch: typeof fetch = async (input, init) => {
  if (!`${input}`.includes("/oauth/token")) return fetch(input, init);
  exchanges++;
  await new Promise((resolve) => setTimeout(resolve, 20));
  return Response.json({ access_token: "at-1", expires_in: 3600, scope: "read:tickets" });
};
const newVault = () =>
  new TokenVault({
    domain: "tenant.example.com",
    clientId: "client-1",
    clientAuth: ClientSecretPost("secret-of-the-bench"),
    subjectToken: { type: "refresh_token", value: "rt" },
    allowedDomains: ["127.0.0.1"],
    fetch: tenantFetch,
  });

const vault = newVault();
const init = { headers: { authorization: "Bearer at-1" } };
const kinds = {
  bare: () => fetch(api.url, init),
  vault: () => vault.fetch("helpdesk", api.url),
};

await round(kinds.bare);
await round(kinds.vault);
const addedMicros: number[] = [];
const ratios: number[] = [];
for (let count = 0; count < ROUNDS; count++) {
  // The one that goes first changes from round to round.
  const order = count % 2 === 0 ? (["bare", "vault"] as const) : (["vault", "bare"] as const);
  const seen = { bare: { cpu: 0, wall: 0 }, vault: { cpu: 0, wall: 0 } };
  for (const kind of order) seen[kind] = await round(kinds[kind]);
  addedMicros.push((seen.vault.cpu - seen.bare.cpu) / CALLS);
  ratios.push(seen.bare.wall / seen.vault.wall);
}
exchanges = 0;
const cold = newVault();
await Promise.all(
  Array.from({ length: COLD_CALLS }, async () => {
    await (await cold.fetch("helpdesk", api.url)).text();
  }),
);
console.log(`Node ${process.version}, ${ROUNDS} rounds of ${CALLS} calls, ${WIDTH} at once`);
console.log(`CPU added per warm call: ${interval(addedMicros, 1)} µs`);
console.log(`throughput, vault to bare fetch: ${interval(ratios, 3)}`);
console.log(`${COLD_CALLS} concurrent cold calls: ${exchanges} exchange`);
api.server.close();
api.server.closeAllConnections();
process.exitCode = exchanges === 1 ? 0 : 1;

/** CPU in microseconds (of server and client together, the server's share being the same) and time. */
async function round(call: () => Promise<Response>) {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const began = performance.now();
  let left = CALLS;
  const worker = async () => {
    while (left-- > 0) await (await call()).text();
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: user + system, wall };
}

/** The median with its 95 % interval by bootstrap. */
function interval(values: number[], digits: number) {
  const medians = Array.from({ length: 2_000 }, () =>
    median(values.map(() => values[Math.floor(Math.random() * values.length)] ?? 0)),
  ).sort((a, b) => a - b);
  const [low, high] = [medians[50] ?? 0, medians[1949] ?? 0];
  return `${median(values).toFixed(digits)} (95 %: ${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

function median(values: number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const middle = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? middle : (middle + (sorted[half - 1] ?? 0)) / 2;
}

async function listen(server: Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}/tickets` };
}
