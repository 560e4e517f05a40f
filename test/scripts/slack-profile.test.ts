import { expect, suite, test } from "vitest";
import { slackProfileScript } from "../../scripts/slack-profile.ts";
import { runScript, userinfoServer } from "./sandbox.ts";

async function answered(status: number, body: unknown) {
  const server = await userinfoServer(status, JSON.stringify(body));
  const outcome = await runScript(slackProfileScript(server.url), "pl4nted-token");
  server.close();
  return { outcome, seen: server.seen };
}

suite("the Slack script", () => {
  test("knows a user by workspace and id, and asks with their token", async () => {
    const body = { ok: true, user_id: "U1", team_id: "T1", user: "alice", url: "https://x" };
    const { outcome, seen } = await answered(200, body);
    expect(outcome).toEqual({ profile: { user_id: "T1-U1", name: "alice" }, calls: 1 });
    expect(seen[0]?.authorization).toBe("Bearer pl4nted-token");
  });

  test.each([
    [
      "a refusal that Slack answers with 200",
      200,
      { ok: false, error: "invalid_auth" },
      "invalid_auth",
    ],
    ["an answer without a user", 200, { ok: true, team_id: "T1" }, "refused to say"],
    ["a failure", 500, {}, "answered 500"],
  ])("takes %s for an error, which never holds the token", async (_, status, body, text) => {
    const { outcome } = await answered(status, body);
    expect(outcome.error).toContain(text);
    expect(outcome.error).not.toContain("pl4nted");
    expect(outcome.calls).toBe(1);
  });
});
