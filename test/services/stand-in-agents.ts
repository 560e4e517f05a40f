/**
 * Stand-ins for the agents of two clouds, whose programs no registry has: executables that take the
 * same flags and answer on the same local endpoints as theirs, and lead nowhere.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * `/ready` and `/quicktunnel` of cloudflared's metrics server; the name of a quick tunnel is empty
 * until Cloudflare has given one, and another at each start.
 */
const cloudflared = `
const { createServer } = require("node:http");
const args = process.argv.slice(2);
const flag = (name) => args[args.indexOf(name) + 1];
if (args[0] !== "tunnel" || !args.includes("--metrics")) throw new Error("usage");
const named = args.includes("run");
if (named && !process.env.TUNNEL_TOKEN && args.at(-1) === "run") { console.error("no tunnel"); process.exit(1); }
const [host, port] = flag("--metrics").split(":");
const from = Date.now();
createServer((request, response) => {
  if (request.url === "/ready") return response.end('{"status":200,"readyConnections":4}');
  if (request.url !== "/quicktunnel" || named) { response.statusCode = 404; return response.end(); }
  const hostname = Date.now() - from < 300 ? "" : "words-" + process.pid + ".trycloudflare.com";
  response.end(JSON.stringify({ hostname }));
}).listen(Number(port), host);
`;

/** `/api/tunnels` of ngrok's agent, at the address of its last configuration file. */
const ngrok = `
const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
const args = process.argv.slice(2);
if (args[0] !== "http") throw new Error("usage");
const file = args[args.lastIndexOf("--config") + 1];
const [, address] = /web_addr: (\\S+)/.exec(readFileSync(file, "utf8"));
const url = args.includes("--url") ? args[args.indexOf("--url") + 1] : undefined;
let public_url = url ?? "https://" + process.pid + ".ngrok-free.app";
process.on("SIGUSR2", () => { public_url = "https://moved.ngrok-free.app"; });
const from = Date.now();
createServer((request, response) => {
  const tunnel = { name: "command_line", public_url, proto: "https", config: { addr: "http://localhost:" + args[1] } };
  response.end(JSON.stringify({ tunnels: Date.now() - from < 300 ? [] : [tunnel], uri: "/api/tunnels" }));
}).listen(Number(address.split(":")[1]), address.split(":")[0]);
`;

/** Writes the stand-ins below `dir` and gives the PATH on which they are found first. */
export function standInAgents(dir: string, path = process.env["PATH"] ?? ""): string {
  const bin = join(dir, "agents");
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries({ cloudflared, ngrok })) {
    writeFileSync(join(bin, name), `#!${process.execPath}\n${text}`);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(bin, "package.json"), '{ "type": "commonjs" }');
  return `${bin}${delimiter}${path}`;
}
