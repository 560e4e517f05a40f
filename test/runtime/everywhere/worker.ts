/** @module The portable test as a worker of workerd: the world comes in the request. */
import { memoryStore } from "../../../runtime/index.ts";
import { type PortableWorld, runPortable, vaultOf } from "./portable.ts";

/** All requests of the worker share it, as docs/runtime.md says. */
const cache = memoryStore();

/** A request that ends in the middle of its exchange: what it waited for never settles. */
async function leave(world: PortableWorld): Promise<Response> {
  await new Promise<void>((begun) => {
    const clientAuth = () => {
      begun();
      return new Promise<void>(() => {});
    };
    void vaultOf(world, { cache, clientAuth }).token(world.connection);
  });
  return new Response();
}

/** A later request of the same user. */
async function come(world: PortableWorld): Promise<Response> {
  const title = "gets a token though another request of the user ended in its exchange";
  try {
    await vaultOf(world, { cache }).token(world.connection, {
      signal: AbortSignal.timeout(10_000),
    });
    return Response.json({ passed: [title], failed: [] });
  } catch (error) {
    return Response.json({ passed: [], failed: [`${title}: ${error}`] });
  }
}

const worker = {
  fetch: async (request: Request) => {
    const world = (await request.json()) as PortableWorld;
    const { pathname } = new URL(request.url);
    if (pathname === "/leave") return leave(world);
    if (pathname === "/come") return come(world);
    return Response.json(await runPortable(world));
  },
};
// biome-ignore lint/style/noDefaultExport: workerd knows a worker by its default export.
export default worker;
