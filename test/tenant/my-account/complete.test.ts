/** @module POST /me/v1/connected-accounts/complete, and the accounts that come of it. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  type ConnectAnswer,
  callback,
  connectUrl,
  consentAtProvider,
  openWorld,
  type Row,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = createHash("sha256").update(verifier).digest("base64url");
const ended = {
  status: 404,
  body: {
    type: "https://auth0.com/api-errors/A0E-404-0001",
    status: 404,
    title: "Not Found",
    detail: "Invalid or expired session",
  },
};

let world: TenantWorld;
let alice: SignedIn;
let bob: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  bob = await world.signUp("bob@example.com");
});
afterAll(() => world.close());

interface Begun {
  readonly auth_session: string;
  readonly connect_code: string;
  readonly redirect_uri: string;
}

/** A connect up to the app's callback. */
async function comeBack(user: SignedIn, body: Row = {}, as = "alice"): Promise<Begun> {
  const begun = await world.my<ConnectAnswer>(
    await world.meToken(user.refreshToken),
    "POST",
    "/connect",
    {
      connection: "acme-helpdesk",
      redirect_uri: callback,
      ...body,
    },
  );
  const done = await consentAtProvider(user.browser, connectUrl(begun.body), as);
  const connect_code = done.url.searchParams.get("connect_code") ?? "";
  return { auth_session: begun.body.auth_session, connect_code, redirect_uri: callback };
}

const complete = async (user: SignedIn, body: Record<string, unknown>) =>
  world.my(await world.meToken(user.refreshToken), "POST", "/complete", body);

// parity: POST /me/v1/connected-accounts/complete | OpenAPI; docs: Connected Accounts for Token Vault
suite("POST complete", () => {
  test("answers 201 with the account, and lists it", async () => {
    const { status, body } = await complete(alice, { ...(await comeBack(alice)) });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^cac_[A-Za-z0-9]{22}$/),
        connection: "acme-helpdesk",
        access_type: "offline",
        scopes: ["openid", "profile", "email", "read:tickets", "write:tickets"],
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    });
    const list = await world.my(await world.meToken(alice.refreshToken), "GET", "/accounts");
    expect(list).toMatchObject({ status: 200, body: { accounts: [body] } });
  });

  test("shows the Management API the account without its tokens", async () => {
    const path = `${userPath(alice)}/connected-accounts`;
    const { body } = await world.api("GET", path);
    expect(body).toMatchObject({
      connected_accounts: [{ connection: "acme-helpdesk", connection_id: world.connectionId }],
    });
    expect(JSON.stringify(body)).not.toContain("refresh_token");
  });

  test("takes session and code once", async () => {
    const begun = await comeBack(alice);
    expect((await complete(alice, { ...begun })).status).toBe(201);
    expect(await complete(alice, { ...begun })).toMatchObject(ended);
  });

  test("gives one of two racing completions the account", async () => {
    const begun = await comeBack(alice);
    const bearer = await world.meToken(alice.refreshToken);
    const answers = await Promise.all(
      [1, 2, 3].map(() => world.my(bearer, "POST", "/complete", { ...begun })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404]);
  });

  test("refuses another user's session, which stays good for its own", async () => {
    const begun = await comeBack(alice);
    expect(await complete(bob, { ...begun })).toMatchObject(ended);
    expect((await complete(alice, { ...begun })).status).toBe(201);
  });

  // parity: | SDK: nextjs-auth0; OpenAPI
  test("refuses a wrong code, an unknown session and one whose browser is not back", async () => {
    const begun = await comeBack(alice);
    expect(await complete(alice, { ...begun, connect_code: "wrong" })).toMatchObject(ended);
    expect(await complete(alice, { ...begun, auth_session: "unknown" })).toMatchObject(ended);
    const other = await comeBack(alice);
    expect(await complete(alice, { ...begun, connect_code: other.connect_code })).toMatchObject(
      ended,
    );
    const open = await world.my<ConnectAnswer>(
      await world.meToken(alice.refreshToken),
      "POST",
      "/connect",
      {
        connection: "acme-helpdesk",
        redirect_uri: callback,
      },
    );
    expect(await complete(alice, { ...begun, auth_session: open.body.auth_session })).toMatchObject(
      ended,
    );
  });

  test("refuses a session after its five minutes", async () => {
    const begun = await comeBack(alice);
    world.passSeconds(301);
    expect(await complete(alice, { ...begun })).toMatchObject(ended);
  });

  test("refuses another redirect_uri", async () => {
    const begun = await comeBack(alice);
    expect(await complete(alice, { ...begun, redirect_uri: `${callback}/other` })).toMatchObject({
      status: 400,
      body: { title: "Bad Request" },
    });
  });

  test("asks for the verifier of the challenge, and takes no other", async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
    const begun = await comeBack(alice, pkce);
    const refused = { status: 400, body: { title: "Bad Request" } };
    expect(await complete(alice, { ...begun })).toMatchObject(refused);
    expect(await complete(alice, { ...begun, code_verifier: "w".repeat(43) })).toMatchObject(
      refused,
    );
    expect((await complete(alice, { ...begun, code_verifier: verifier })).status).toBe(201);
    const plain = await comeBack(alice);
    expect(await complete(alice, { ...plain, code_verifier: verifier })).toMatchObject(refused);
  });

  test.each([
    ["no auth_session", { auth_session: undefined }],
    ["no connect_code", { connect_code: undefined }],
    ["no redirect_uri", { redirect_uri: undefined }],
    ["a code of 47 characters", { connect_code: "c".repeat(47) }],
    ["a session of 65 characters", { auth_session: "s".repeat(65) }],
    ["a short verifier", { code_verifier: "short" }],
    ["another field", { state: "x" }],
  ])("refuses %s with 400", async (_name, change) => {
    const body = { auth_session: "s", connect_code: "c", redirect_uri: callback, ...change };
    expect(await complete(alice, body)).toMatchObject({
      status: 400,
      body: { type: "https://auth0.com/api-errors/A0E-400-0003" },
    });
  });

  // parity: | log schema
  test("writes down what happened, and why not", async () => {
    await complete(alice, { auth_session: "s", connect_code: "c", redirect_uri: callback });
    const [failed] = await world.log("connected_accounts_connection_failed");
    expect(failed).toMatchObject({
      description: expect.stringContaining("there is no such auth_session"),
      details: { error: { status: 404, title: "Not Found" } },
    });
    const [succeeded] = await world.log("connected_accounts_connection_succeeded");
    expect(succeeded).toMatchObject({
      details: {
        connected_account: { id: expect.stringMatching(/^cac_/), idp_user_id: "desk-alice" },
        request: { method: "POST", path: "/me/v1/connected-accounts/complete" },
      },
    });
  });
});

// parity: POST /me/v1/connected-accounts/complete | (inferred)
suite("connecting again", () => {
  test("keeps the id of the same account and replaces its scopes", async () => {
    const user = await world.signUp("again@example.com");
    const first = await world.connect(user, "erin", { scopes: ["openid", "read:tickets"] });
    const second = await world.connect(user, "erin", { scopes: ["openid", "write:tickets"] });
    expect(second.body.id).toBe(first.body.id);
    expect(second.body.scopes).toEqual(["openid", "write:tickets"]);
    const { body } = await world.exchange({ subject_token: user.refreshToken });
    expect(body["scope"]).toBe("openid write:tickets");
  });

  test("makes a second account for another user of the provider", async () => {
    const user = await world.signUp("two@example.com");
    const first = await world.connect(user, "frank");
    const other = await world.signUp("browser@example.com");
    const second = await world.connect({ ...user, browser: other.browser }, "grace");
    expect(second.body.id).not.toBe(first.body.id);
    const list = await world.my<{ accounts: Row[] }>(
      await world.meToken(user.refreshToken),
      "GET",
      "/accounts",
    );
    expect(list.body.accounts.map(({ id }) => id)).toEqual([first.body.id, second.body.id]);
  });

  test("gives two users of the tenant an entry each for one account of the provider", async () => {
    const one = await world.signUp("shared-1@example.com");
    const two = await world.signUp("shared-2@example.com");
    const first = await world.connect(one, "heidi");
    const second = await world.connect(two, "heidi");
    expect(second.body.id).not.toBe(first.body.id);
    expect(await world.exchange({ subject_token: one.refreshToken })).toMatchObject({
      status: 200,
    });
    expect(await world.exchange({ subject_token: two.refreshToken })).toMatchObject({
      status: 200,
    });
  });
});
