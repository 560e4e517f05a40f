/** @module The portable test as a worker of workerd: the world comes in the request. */
import { type PortableWorld, runPortable } from "./portable.ts";

const worker = {
  fetch: async (request: Request) =>
    Response.json(await runPortable((await request.json()) as PortableWorld)),
};
// biome-ignore lint/style/noDefaultExport: workerd knows a worker by its default export.
export default worker;
