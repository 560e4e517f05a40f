import { resolve } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type EmptyProject, emptyProject } from "./empty-project.ts";

const compiler = resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
const consumer = `
import { type Output } from "@pulumi/pulumi";
import { findMyAccountApi, MyAccountApi, OAuth2Connection, TokenVaultClient } from "token-vault-kit";
import { helpdeskProcess } from "token-vault-kit/helpdesk";
import { ClientSecretPost, NotConnectedError, TokenVault } from "token-vault-kit/runtime";
import { bundleScript, type FetchUserProfile, profileScript } from "token-vault-kit/scripts";
import { startTenant } from "token-vault-kit/tenant";

export const mine: FetchUserProfile = (_token, _context, callback) => callback(null, { user_id: "1" });
const domain = (await startTenant({ dir: "t", port: 0 })).domain;
const myAccountApi = new MyAccountApi("a", { domain, existingId: await findMyAccountApi(domain) });
const wiki = new OAuth2Connection("wiki", {
  name: "wiki", clientId: "c", clientSecret: helpdeskProcess("dev", 1).clientSecret, scopes: ["openid"],
  authorizationEndpoint: "https://x/a", tokenEndpoint: "https://x/t",
  fetchUserProfile: Math.random() > 1 ? bundleScript({ entry: "x" }) : profileScript({ userinfoUrl: "https://x/u" }),
});
export const clientId: Output<string> = new TokenVaultClient("c", { name: "n", myAccountApi, connections: [wiki] }).clientId;
const vault = new TokenVault({
  domain, clientId: "c", clientAuth: ClientSecretPost("s"), allowedDomains: [],
  subjectToken: { type: "refresh_token", value: () => "r" },
});
try {
  const response: Response = await vault.fetch("wiki", "https://x/");
  console.log(response.status);
} catch (error) {
  if (error instanceof NotConnectedError) console.log(error.code);
}
// @ts-expect-error A vault without a tenant is refused.
new TokenVault({ clientId: "c" });
`;

let project: EmptyProject;
beforeAll(async () => {
  project = await emptyProject();
  for (const name of ["@pulumi/pulumi", "@pulumi/auth0", "@pulumi/command", "@types/node"]) {
    project.bring(name);
  }
});
afterAll(() => project?.remove());

function configure(options: Record<string, unknown>, file: string): void {
  const compilerOptions = {
    ...{ target: "es2023", strict: true, noEmit: true, exactOptionalPropertyTypes: true },
    ...options,
  };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: [file] }));
}

suite("the types", () => {
  test.for(["nodenext", "bundler"])(
    "a program that uses every door compiles with moduleResolution %s",
    async (moduleResolution) => {
      const module = moduleResolution === "bundler" ? "esnext" : "nodenext";
      project.write("consumer.ts", consumer);
      // The Pulumi SDKs' own declarations need it; ours are checked without it below.
      configure({ module, moduleResolution, types: ["node"], skipLibCheck: true }, "consumer.ts");
      const { stdout } = await project.run(process.execPath, [compiler, "-p", "."]);
      expect(stdout).toBe("");
    },
  );

  test("the runtime's declarations compile for a browser, without Node's types and with every check", async () => {
    project.write(
      "app.ts",
      `import { TokenVault, type TokenStore } from "token-vault-kit/runtime";
      export const types: [typeof TokenVault, TokenStore?] = [TokenVault];`,
    );
    configure(
      { module: "esnext", moduleResolution: "bundler", types: [], lib: ["es2023", "dom"] },
      "app.ts",
    );
    const { stdout } = await project.run(process.execPath, [compiler, "-p", "."]);
    expect(stdout).toBe("");
  });

  test("those of the tenant, the helpdesk and the scripts compile with every check", async () => {
    project.write(
      "server.ts",
      `export { startTenant } from "token-vault-kit/tenant";
      export { helpdeskProcess } from "token-vault-kit/helpdesk";
      export { profileScript } from "token-vault-kit/scripts";`,
    );
    configure({ module: "nodenext", types: ["node"] }, "server.ts");
    const { stdout } = await project.run(process.execPath, [compiler, "-p", "."]);
    expect(stdout).toBe("");
  });
});
