/**
 * @module What a warm call of the runtime costs beside a bare fetch to the same server, and how many
 * exchanges 1,000 cold calls make. The servers are another process, so that CPU is the caller's alone.
 */
import { setDefaultCACertificates } from "node:tls";
import { ClientSecretPost, TokenVault, type TokenVaultOptions } from "../runtime/index.ts";
import { interval, line } from "./statistics.ts";
import { type BenchWorld, startWorld } from "./world.ts";

/** Rounds of each kind, one after the other in turn, so that both meet the same machine. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 150);
const CALLS = Number(process.env["CALLS"] ?? 200);
/**
 * Calls under way at once. With few, caller and server take turns: the server answers all, then the caller reads
 * all, and what the caller does more is in the wall time. With many, the two work at the same time.
 */
const WIDTHS = [8, 64];
const WARM_UP_ROUNDS = 10;
const COLD_CALLS = 1_000;

type Call = () => Promise<Response>;

const world = await startWorld();
try {
  setDefaultCACertificates([world.ca]);
  console.log(
    `Node ${process.version}, ${ROUNDS} rounds of ${CALLS} calls, ${WIDTHS.join(" and ")} at once`,
  );
  const vault = vaultOf(world);
  const { accessToken } = await vault.token(world.connection);
  const init = { headers: { authorization: `Bearer ${accessToken}` } };
  const urls = { "an empty server": world.emptyUrl, "the helpdesk": `${world.apiUrl}/tickets/42` };
  const cases = Object.entries(urls).flatMap(([name, url]) =>
    WIDTHS.map((width) => ({ name, url, width })),
  );
  for (const { name, url, width } of cases) {
    const bare = () => fetch(url, init);
    // What an app writes that wants a limit too: Node's fetch does more for a request with a signal.
    const limited = () => fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
    const called = () => vault.fetch(world.connection, url);
    const { addedMicros, ratios, bareMicros } = await compared(bare, called, width);
    const limit = await compared(bare, limited, width);
    const besideLimited = await compared(limited, called, width);
    console.log(
      line(`\nbare fetch of ${name}, ${width} at once`, interval(bareMicros), {
        unit: " µs a call",
      }),
    );
    const cpu = { unit: " µs", atMost: 30 };
    console.log(line(`CPU added per warm call of the vault`, interval(addedMicros), cpu));
    // Against an empty server the caller itself is what limits the rate: shown, not aimed at.
    const rate = { digits: 3, ...(url === world.emptyUrl ? {} : { atLeast: 0.97 }) };
    console.log(line(`throughput beside bare fetch`, interval(ratios), rate));
    console.log(
      line("bare fetch with a time limit: CPU added", interval(limit.addedMicros), { unit: " µs" }),
    );
    console.log(line("its throughput beside bare fetch", interval(limit.ratios), { digits: 3 }));
    console.log(line("the vault's beside that", interval(besideLimited.ratios), rate));
  }
  const exchanges = await exchangesOfColdCalls(world);
  console.log(`\n${COLD_CALLS} concurrent cold calls: ${exchanges} exchange; aim 1`);
  process.exitCode = exchanges === 1 ? 0 : 1;
} finally {
  await world.close();
}

function vaultOf(
  { domain, clientId, clientSecret, refreshToken, apiUrl, emptyUrl }: BenchWorld,
  options: Partial<TokenVaultOptions> = {},
) {
  return new TokenVault({
    domain,
    clientId,
    clientAuth: ClientSecretPost(clientSecret),
    subjectToken: { type: "refresh_token", value: refreshToken },
    allowedDomains: [apiUrl, emptyUrl].map((url) => new URL(url).host),
    ...options,
  });
}

/** Differences and ratios of rounds that stand side by side. */
async function compared(bare: Call, vault: Call, width: number) {
  for (let count = 0; count < WARM_UP_ROUNDS; count++) {
    await round(bare, width);
    await round(vault, width);
  }
  const addedMicros: number[] = [];
  const ratios: number[] = [];
  const bareMicros: number[] = [];
  for (let count = 0; count < ROUNDS; count++) {
    // The one that goes first changes from round to round.
    const first = count % 2 === 0;
    const a = await round(first ? bare : vault, width);
    const b = await round(first ? vault : bare, width);
    const [without, withVault] = first ? [a, b] : [b, a];
    addedMicros.push((withVault.cpu - without.cpu) / CALLS);
    ratios.push(without.wall / withVault.wall);
    bareMicros.push((without.wall * 1000) / CALLS);
  }
  return { addedMicros, ratios, bareMicros };
}

/** CPU in microseconds and wall time of one round. */
async function round(call: Call, width: number) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let left = CALLS;
  const worker = async () => {
    while (left-- > 0) {
      const response = await call();
      if (response.status !== 200) throw new Error(`${response.url} answered ${response.status}`);
      await response.text();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: user + system, wall };
}

async function exchangesOfColdCalls(world: BenchWorld) {
  let exchanges = 0;
  const cold = vaultOf(world, {
    onEvent: ({ type }) => {
      if (type === "exchange") exchanges++;
    },
  });
  const call = async () => (await cold.fetch(world.connection, world.emptyUrl)).text();
  await Promise.all(Array.from({ length: COLD_CALLS }, call));
  return exchanges;
}
