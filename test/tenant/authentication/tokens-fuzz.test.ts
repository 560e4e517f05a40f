/** @module Tokens, codes and sessions of two users, mixed up in every order: nobody gets what is another's. */
import { connect as tlsConnect } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  accessTokenType,
  type ConnectAnswer,
  callback,
  connectUrl,
  consentAtProvider,
  decodeJwt,
  openWorld,
  refreshTokenType,
  type SignedIn,
  type TenantWorld,
  vaultTokenType,
} from "./tenant-world.ts";

interface Person extends SignedIn {
  readonly sub: string;
  readonly bearer: string;
  readonly accountId: string;
  readonly providerToken: string;
}

let world: TenantWorld;
let people: Person[];

async function person(name: string): Promise<Person> {
  const signedIn = await world.signUp(`${name}@example.test`);
  const account = await world.connect(signedIn, name);
  const exchanged = await world.exchange({ subject_token: signedIn.refreshToken });
  return {
    ...signedIn,
    sub: String(signedIn.claims["sub"]),
    bearer: await world.meToken(signedIn.refreshToken),
    accountId: account.body.id,
    providerToken: String(exchanged.body["access_token"]),
  };
}

beforeAll(async () => {
  world = await openWorld();
  people = [await person("alice"), await person("bob")];
});
afterAll(() => world.close());

/** A token as it is, cut, with another letter, or with another one behind it. */
const changed = fc.oneof(
  { weight: 3, arbitrary: fc.constant((token: string) => token) },
  fc.nat().map((at) => (token: string) => token.slice(0, at % token.length)),
  fc.tuple(fc.nat(), fc.constantFrom("A", "b", "0", "-", ".", "\u0000")).map(([at, letter]) => {
    return (token: string) => {
      const index = at % token.length;
      return token.slice(0, index) + letter + token.slice(index + 1);
    };
  }),
  fc.constant((token: string) => `${token}${token}`),
);

const kinds = fc.constantFrom("refreshToken", "accessToken", "idToken", "bearer", "providerToken");
const who = fc.constantFrom(0, 1);

suite("two users' tokens", () => {
  test("give at the vault the provider's token of the user they are of, or none", async () => {
    const types = fc.constantFrom(refreshTokenType, accessTokenType, vaultTokenType, "x");
    const hints = fc.option(fc.constantFrom("desk-alice", "desk-bob", "alice", "", "x"));
    await fc.assert(
      fc.asyncProperty(
        who,
        kinds,
        changed,
        types,
        hints,
        async (index, kind, change, type, hint) => {
          const owner = people[index] as Person;
          const subject = change(owner[kind as "idToken"]);
          const answer = await world.exchange({
            subject_token: subject,
            subject_token_type: type,
            ...(hint === null ? {} : { login_hint: hint }),
          });
          if (answer.status === 200) {
            expect(subject).toBe(owner.refreshToken);
            expect(answer.body["access_token"]).toBe(owner.providerToken);
          } else {
            expect([400, 401, 403]).toContain(answer.status);
            expect(answer.body).not.toHaveProperty("access_token");
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("give at the token endpoint tokens of the user they are of, or none", async () => {
    const audiences = fc.constantFrom("me", "", "https://localhost/api/v2/", "x");
    await fc.assert(
      fc.asyncProperty(who, kinds, changed, audiences, async (index, kind, change, audience) => {
        const owner = people[index] as Person;
        const given = change(owner[kind as "idToken"]);
        const answer = await world.token({
          grant_type: "refresh_token",
          refresh_token: given,
          ...(audience === "" ? {} : { audience: audience === "me" ? world.me : audience }),
        });
        if (answer.status !== 200) {
          expect(answer.body).not.toHaveProperty("access_token");
          return;
        }
        expect(given).toBe(owner.refreshToken);
        const token = String(answer.body["access_token"]);
        if (audience === "me") expect(decodeJwt(token)["sub"]).toBe(owner.sub);
        expect(decodeJwt(String(answer.body["id_token"]))["sub"]).toBe(owner.sub);
      }),
      { numRuns: 120 },
    );
  });

  test("open at My Account the accounts of the user they are of, or none", async () => {
    await fc.assert(
      fc.asyncProperty(who, who, kinds, changed, async (index, other, kind, change) => {
        const owner = people[index] as Person;
        const bearer = change(owner[kind as "idToken"]).replaceAll("\u0000", "");
        const list = await world.my<{ accounts?: { id: string }[] }>(bearer, "GET", "/accounts");
        if (list.status === 200) {
          expect(bearer).toBe(owner.bearer);
          expect(list.body.accounts?.map(({ id }) => id)).toEqual([owner.accountId]);
        }
        if (other === index) return;
        const path = `/accounts/${people[other]?.accountId}`;
        expect([401, 403, 404]).toContain((await world.my(bearer, "DELETE", path)).status);
      }),
      { numRuns: 100 },
    );
    for (const { refreshToken, providerToken } of people) {
      const { body } = await world.exchange({ subject_token: refreshToken });
      expect(body["access_token"]).toBe(providerToken);
    }
  });
});

suite("a connect that two users began", () => {
  test("is completed by who began it, once, whatever was tried before", async () => {
    const attempt = fc.record({ bearer: who, session: who, code: who });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 6 }), async (attempts) => {
        const sides = await Promise.all(
          people.map(async (each) => {
            const request = { connection: "acme-helpdesk", redirect_uri: callback };
            const begun = await world.my<ConnectAnswer>(each.bearer, "POST", "/connect", request);
            const name = each === people[0] ? "alice" : "bob";
            const done = await consentAtProvider(each.browser, connectUrl(begun.body), name);
            return {
              session: begun.body.auth_session,
              code: done.url.searchParams.get("connect_code") ?? "",
            };
          }),
        );
        const completed = new Set<number>();
        const own = [0, 1].map((index) => ({ bearer: index, session: index, code: index }));
        for (const { bearer, session, code } of [...attempts, ...own, ...own]) {
          const answer = await world.my(people[bearer]?.bearer, "POST", "/complete", {
            auth_session: sides[session]?.session,
            connect_code: sides[code]?.code,
            redirect_uri: callback,
          });
          const rightful = bearer === session && session === code;
          if (answer.status === 201) {
            expect(rightful).toBe(true);
            expect(completed.has(bearer)).toBe(false);
            expect(answer.body["id"]).toBe(people[bearer]?.accountId);
            completed.add(bearer);
          } else if (rightful && !completed.has(bearer)) {
            // A code that came with the wrong session is used up: someone else may have it.
            expect(attempts.some((each) => each.code === code || each.session === session)).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 12 },
    );
    for (const { refreshToken } of people) {
      expect((await world.exchange({ subject_token: refreshToken })).status).toBe(200);
    }
  }, 120_000);
});

suite("bytes that are no request", () => {
  test("end their own connection only", async () => {
    const port = Number(new URL(world.tenant.url).port);
    const send = (bytes: string | Buffer) =>
      new Promise<void>((resolve) => {
        const socket = tlsConnect({ port, host: "127.0.0.1", servername: "localhost" }, () => {
          socket.end(bytes);
        });
        socket.on("error", () => {});
        socket.on("close", () => resolve());
        socket.resume();
        socket.setTimeout(5_000, () => socket.destroy());
      });
    const line = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n";
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          fc.constantFrom(
            ...[line, `${line}Content-Length: 100\r\n\r\na=b`, `${line}Content-Length: -1\r\n\r\n`],
            `${line}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc`,
            `${line}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
            `GET /${"x".repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
            `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(70_000)}\r\n\r\n`,
            ...["GET / HTTP/1.1\r\n\r\n", "GET //\\ HTTP/1.1\r\nHost: a b\r\n\r\n"],
            ...["GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
          ),
        ),
        async (bytes) => {
          await send(bytes);
          const { status } = await fetch(`${world.tenant.url}/.well-known/jwks.json`);
          expect(status).toBe(200);
        },
      ),
      { numRuns: 40 },
    );
  });
});
