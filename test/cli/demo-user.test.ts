/** The scripted user types a known password: it is held to this machine. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice, demoVisitor } from "../../cli/sign-in/demo-user.ts";

let visited = 0;
const server = createServer((request, response) => {
  visited += 1;
  response.writeHead(302, { location: new URL(request.url ?? "/", "https://acme.auth0.com").href });
  response.end();
});
let here: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

suite("the scripted user", () => {
  test.each([
    "https://acme.eu.auth0.com/authorize",
    "https://localhost.example.com/",
    "https://127.0.0.1.example.com/",
    "https://10.0.0.1/",
    "https://user@example.com/",
  ])("refuses %s before any request", async (address) => {
    await expect(demoVisitor(alice)(address)).rejects.toThrow(
      `stays on this machine and was sent to ${new URL(address).host}`,
    );
  });

  test("follows no redirect that leads away from this machine", async () => {
    await expect(demoVisitor(alice)(`${here}/login`)).rejects.toThrow(
      "stays on this machine and was sent to acme.auth0.com",
    );
    expect(visited).toBe(1);
  });
});
