import fc from "fast-check";
import { assert, suite, test } from "vitest";
import { NoAnswer, TenantRefusal } from "../../../engine/plugins/auth0/management-error.ts";
import { type Pace, pacer } from "../../../engine/plugins/auth0/pace.ts";

/** A clock that a sleeper moves on. */
function fakeTime() {
  let at = 1_700_000_000_000;
  const sleeps: number[] = [];
  return {
    now: () => at,
    sleeps,
    pass: (ms: number) => {
      at += ms;
    },
    async sleep(ms: number) {
      sleeps.push(ms);
      at += ms;
    },
  };
}

const refusal = (status: number, headers: Record<string, string> = {}) =>
  new TenantRefusal("GET /a", { status, headers: new Headers(headers) }, {});
const noAnswer = (code: string, domain = "tenant.test") =>
  new NoAnswer("GET /a", domain, Object.assign(new Error("failed"), { code }));

/** Fails with each of the errors in turn, then succeeds. */
function failing(...errors: Error[]) {
  let tries = 0;
  return {
    tries: () => tries,
    async send() {
      const error = errors[tries++];
      if (error !== undefined) throw error;
      return "done";
    },
  };
}

async function ending(
  pace: Pace,
  send: () => Promise<string>,
  repeatable = true,
): Promise<unknown> {
  return pace.run(send, repeatable).catch((error: unknown) => error);
}

suite("pacer()", () => {
  test.each([500, 502, 503, 504, 524])("tries a request again after a %i", async (status) => {
    const time = fakeTime();
    const { send, tries } = failing(refusal(status));
    assert.equal(await ending(pacer(time), send), "done");
    assert.equal(tries(), 2);
  });

  test.each([400, 401, 403, 404, 409, 501])("does not try again after a %i", async (status) => {
    const { send, tries } = failing(refusal(status));
    assert.instanceOf(await ending(pacer(fakeTime()), send), TenantRefusal);
    assert.equal(tries(), 1);
  });

  test("gives up after four tries", async () => {
    const { send, tries } = failing(...Array.from({ length: 9 }, () => refusal(503)));
    assert.instanceOf(await ending(pacer(fakeTime()), send), TenantRefusal);
    assert.equal(tries(), 4);
  });

  test("waits longer each time, never twice the same", async () => {
    const time = fakeTime();
    await ending(
      pacer({ ...time, random: () => 0.5 }),
      failing(...[1, 2, 3].map(() => refusal(503))).send,
    );
    assert.deepEqual(time.sleeps, [375, 750, 1500]);
  });

  test("waits as long as Retry-After says", async () => {
    const time = fakeTime();
    const { send } = failing(refusal(429, { "retry-after": "7" }));
    assert.equal(await ending(pacer(time), send), "done");
    assert.deepEqual(time.sleeps, [7000]);
  });

  test("waits until the limit is reset where there is no Retry-After", async () => {
    const time = fakeTime();
    const reset = String(time.now() / 1000 + 3);
    const { send } = failing(refusal(429, { "x-ratelimit-reset": reset }));
    assert.equal(await ending(pacer(time), send), "done");
    assert.deepEqual(time.sleeps, [3000]);
  });

  test("waits a limit out for a minute in all, and no longer", async () => {
    const time = fakeTime();
    const start = time.now();
    const limit = Array.from({ length: 99 }, () => refusal(429, { "retry-after": "7" }));
    assert.instanceOf(await ending(pacer(time), failing(...limit).send), TenantRefusal);
    assert.isAtMost(time.now() - start, 60_000);
    assert.isAtLeast(time.now() - start, 50_000);
  });

  test("never sends twice what must not be sent twice, unless it was not sent at all", async () => {
    for (const [error, tries] of [
      [refusal(503), 1],
      [noAnswer("ECONNRESET"), 1],
      [noAnswer("ECONNREFUSED"), 2],
      [noAnswer("EAI_AGAIN"), 2],
      [refusal(429), 2],
    ] as const) {
      const attempts = failing(error);
      await ending(pacer(fakeTime()), attempts.send, false);
      assert.equal(attempts.tries(), tries, error.message);
    }
  });

  test("does not try again where the certificate is not trusted, or nobody is on this machine", async () => {
    for (const error of [
      noAnswer("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
      noAnswer("SELF_SIGNED_CERT_IN_CHAIN"),
      noAnswer("ECONNREFUSED", "localhost:4443"),
    ]) {
      const { send, tries } = failing(error);
      assert.equal(await ending(pacer(fakeTime()), send), error);
      assert.equal(tries(), 1);
    }
  });

  test("holds every request back while nothing is left of the limit", async () => {
    const time = fakeTime();
    const pace = pacer({ ...time, random: () => 0 });
    const reset = time.now() + 2000;
    pace.heard(headers(0, reset / 1000));
    await pace.run(async () => assert.isAtLeast(time.now(), reset), true);
  });

  test.each([-3_600_000, 3_600_000])(
    "waits as long where the tenant's clock is %i ms from ours",
    async (off) => {
      const time = fakeTime();
      const pace = pacer({ ...time, random: () => 0 });
      const sent = headers(0, (time.now() + off) / 1000 + 2);
      sent.set("date", new Date(time.now() + off).toUTCString());
      const before = time.now();
      pace.heard(sent);
      await pace.run(async () => assert.closeTo(time.now() - before, 2_000, 1_000), true);
    },
  );

  test("has at most two requests under way until it knows the limit, and then no more than are left", async () => {
    assert.equal(await mostAtOnce(pacer()), 2);
    for (const [left, most] of [
      [1, 1],
      [3, 3],
      [50, 4],
    ] as const) {
      const pace = pacer();
      pace.heard(headers(left, 0));
      assert.equal(await mostAtOnce(pace), most);
    }
  });

  test("runs every request to its end, whatever fails and however many there are", async () => {
    const outcome = fc.constantFrom("ok", 429, 503, 404);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(outcome, { maxLength: 3 }), { maxLength: 12 }),
        async (plans) => {
          const pace = pacer(fakeTime());
          const ends = await Promise.all(
            plans.map((plan) => {
              const errors = plan.flatMap((each) =>
                typeof each === "number" ? [refusal(each)] : [],
              );
              return ending(pace, failing(...errors).send);
            }),
          );
          plans.forEach((plan, index) => {
            assert.equal(ends[index] === "done", !plan.includes(404));
          });
        },
      ),
    );
  });

  test("tries nothing again once it is cancelled, and lets what is under way finish", async () => {
    const pace = pacer();
    const { promise, resolve } = Promise.withResolvers<string>();
    const running = pace.run(() => promise, true);
    pace.cancel();
    resolve("finished");
    assert.equal(await running, "finished");
    const { send, tries } = failing(refusal(503));
    assert.instanceOf(await ending(pace, send), TenantRefusal);
    assert.equal(tries(), 1);
  });

  test("stops waiting for another try when it is cancelled", async () => {
    const pace = pacer();
    const { send } = failing(refusal(429, { "retry-after": "30" }));
    const end = ending(pace, send);
    await new Promise(setImmediate);
    pace.cancel();
    assert.instanceOf(await end, TenantRefusal);
  });
});

function headers(left: number, reset: number): Headers {
  return new Headers({
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": String(reset),
  });
}

async function mostAtOnce(pace: Pace): Promise<number> {
  let now = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, () =>
      pace.run(async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
      }, true),
    ),
  );
  return most;
}
