/** @module The process of {@link file://./world.ts}: prints what it is as one line of JSON, ends with its standard input. */
import { once } from "node:events";
import { createServer } from "node:http";
import { signedInWorld } from "../test/runtime/everywhere/signed-in-world.ts";

// What the rooms say while they start is not for the reader of the one line.
console.log = () => {};
const { world, portable, ca, configDir } = await signedInWorld();
const empty = createServer((_, response) => response.end('{"tickets":[]}'));
empty.listen(0, "127.0.0.1");
await once(empty, "listening");
const address = empty.address();
const port = typeof address === "object" && address ? address.port : 0;
process.stdout.write(
  `${JSON.stringify({ ...portable, ca, configDir, emptyUrl: `http://127.0.0.1:${port}/` })}\n`,
);
process.stdin.resume();
await once(process.stdin, "end");
empty.close();
empty.closeAllConnections();
await world.close();
