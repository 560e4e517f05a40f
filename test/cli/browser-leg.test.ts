/** @module The listener of a sign-in: a callback that comes at the wrong moment. */
import { describe, expect, it } from "vitest";
import { browserLeg } from "../../cli/sign-in/browser-leg.ts";

describe("browserLeg()", () => {
  it("finishes after it has begun, even when the callback comes before", async () => {
    const order: string[] = [];
    let page: Promise<Response> | undefined;
    const result = await browserLeg({
      port: undefined,
      done: "Done.",
      visit: async () => {
        order.push("visit");
      },
      begin: async (redirectUri) => {
        page = fetch(`${redirectUri}?state=early`);
        await new Promise((later) => setTimeout(later, 50));
        order.push("begin");
        return "https://a.test/";
      },
      finish: async (callback) => {
        order.push("finish");
        return callback.searchParams.get("state");
      },
    });
    expect(order).toEqual(["begin", "visit", "finish"]);
    expect(result).toBe("early");
    expect((await page)?.status).toBe(200);
  });
});
