/** @module At most 200 active refresh tokens of one user at one client. */
import { expect, test } from "vitest";
import {
  findRefreshToken,
  issueRefreshToken,
} from "../../../tenant/authentication/refresh-tokens.ts";
import { newClient } from "../../../tenant/models/new-client.ts";
import { openTestTenant } from "../open-test-tenant.ts";

// parity: POST /oauth/token: refresh_token | docs: entity limit policy; the oldest (inferred)
test("the 201st refresh token of a user at a client ends the oldest, and nobody else's", async () => {
  const { context, close } = await openTestTenant();
  const client = newClient({ name: "Agent" }, "tenant");
  const other = newClient({ name: "Other" }, "tenant");
  const issue = (userId: string, at = client) =>
    issueRefreshToken(context, {
      client: at,
      userId,
      sessionId: "session",
      audience: undefined,
      scopes: ["openid", "offline_access"],
      authTime: context.now(),
    }).token;
  const bobs = issue("auth0|bob");
  const elsewhere = issue("auth0|alice", other);
  const alices = context.store.transaction(() =>
    Array.from({ length: 201 }, () => issue("auth0|alice")),
  );
  const works = (token: string | undefined, at = client) => {
    try {
      return findRefreshToken(context, at, token ?? "").user_id;
    } catch {
      return "refused";
    }
  };
  expect(works(alices[0])).toBe("refused");
  expect(works(alices[1])).toBe("auth0|alice");
  expect(works(alices[200])).toBe("auth0|alice");
  expect(works(bobs)).toBe("auth0|bob");
  expect(works(elsewhere, other)).toBe("auth0|alice");
  close();
});
