/** @module @auth0/ai-vercel: a tool of Vercel's AI SDK that a model calls, with the provider's token from the vault. */
import { createRequire } from "node:module";
import { generateText, stepCountIs, tool } from "ai";
import { MockLanguageModelV2 } from "ai/test";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { z } from "zod/v3";
import {
  openWorld,
  type SignedIn,
  type TenantWorld,
} from "../tenant/authentication/tenant-world.ts";

// Its ES modules import one another without extensions, which only a bundler reads; this is its other build.
const require = createRequire(import.meta.url);
const { Auth0AI, getAccessTokenFromTokenVault, setAIContext } =
  require("@auth0/ai-vercel") as typeof import("@auth0/ai-vercel");

let world: TenantWorld;
let user: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  user = await world.signUp("vera@acme.test");
});
afterAll(() => world.close());

/** A model that calls the tool and then repeats what it was given. */
function scriptedModel() {
  const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
  let calls = 0;
  return new MockLanguageModelV2({
    async doGenerate({ prompt }) {
      calls += 1;
      if (calls === 1) {
        const call = { toolCallId: "1", toolName: "whoami", input: "{}" };
        return {
          content: [{ type: "tool-call", ...call }],
          ...{ finishReason: "tool-calls", usage, warnings: [] },
        };
      }
      const text = JSON.stringify(prompt.at(-1));
      return {
        content: [{ type: "text", text }],
        ...{ finishReason: "stop", usage, warnings: [] },
      };
    },
  });
}

async function ask(thread: string) {
  setAIContext({ threadID: thread });
  const { domain } = world.tenant;
  const auth0 = { domain, clientId: world.app.id, clientSecret: world.app.secret };
  const withHelpdesk = new Auth0AI({ auth0 }).withTokenVault({
    connection: "acme-helpdesk",
    scopes: ["read:tickets"],
    refreshToken: async () => user.refreshToken,
  });
  const whoami = withHelpdesk(
    tool({
      description: "Who the user is at the helpdesk",
      // It reads the schemas of zod 3 alone.
      inputSchema: z.object({}),
      execute: async () => {
        const response = await fetch(`${world.provider.url}/me`, {
          headers: { authorization: `Bearer ${getAccessTokenFromTokenVault()}` },
        });
        return response.json();
      },
    }),
  );
  return generateText({
    model: scriptedModel(),
    tools: { whoami },
    prompt: "Who am I?",
    stopWhen: stepCountIs(3),
  });
}

suite("@auth0/ai-vercel", () => {
  test("stops the model's tool with an interrupt until the user has connected", async () => {
    const { steps } = await ask("before");
    const failed = steps.flatMap(({ content }) =>
      content.filter(({ type }) => type === "tool-error"),
    );
    expect(failed).toMatchObject([
      { error: { code: "TOKEN_VAULT_ERROR", connection: "acme-helpdesk" } },
    ]);
  });

  test("gives the model's tool the provider's token once the user has", async () => {
    await world.connect(user, "vera");
    expect((await ask("after")).text).toContain("desk-vera");
  });
});
