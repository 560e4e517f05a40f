/** The whole chain as a person goes it: `tvk login` and `tvk connect`, and every page between. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type BrowserWorld, browserWorld } from "./browser-world.ts";
import { look } from "./look.ts";
import { tvkWithPerson } from "./person.ts";
import { arriveAt, fillIn, press, pressEnter, readOn, tabTo } from "./steps.ts";

let world: BrowserWorld;

beforeAll(async () => {
  world = await browserWorld();
});
afterAll(() => world?.close());

const dave = { email: "dave@example.test", password: "Tr0ub4dor&3-long" };
const demoPassword = "demo1234";

async function signInAtHelpdesk(page: Page, email: string, password = demoPassword) {
  await fillIn(page, { "E-mail": email, Password: password });
  await press(page, "Sign in");
}

/** Signs in by the helpdesk, then connects the same account; gives what the browser complained about. */
async function loginAndConnect(
  options: BrowserContextOptions,
  steps: {
    chooseHelpdesk: (page: Page) => Promise<void>;
    signIn: (page: Page) => Promise<void>;
    allow: (page: Page) => Promise<void>;
  },
): Promise<string[]> {
  const person = await world.person(options);
  const login = await tvkWithPerson(world.project, ["login"], person, async (page) => {
    await steps.chooseHelpdesk(page);
    await steps.signIn(page);
    await steps.allow(page);
    await arriveAt(page, "Done");
  });
  expect(login.exitCode, login.text).toBe(0);
  const args = ["connect", "acme-helpdesk"];
  const connect = await tvkWithPerson(world.project, args, person, async (page) => {
    await steps.allow(page);
    await arriveAt(page, "Done");
  });
  expect(connect.exitCode, connect.text).toBe(0);
  await person.leave();
  return person.complaints();
}

async function status(): Promise<{ loggedIn: boolean; user: { sub: string; email: string } }> {
  return (await world.project.json(["status"])) as Awaited<ReturnType<typeof status>>;
}

suite("tvk login, in a browser", () => {
  test("signs a new user up, who is told what the password lacks", async () => {
    const person = await world.person();
    const login = await tvkWithPerson(world.project, ["login"], person, async (page) => {
      await page.getByRole("link", { name: "Sign up" }).click();
      await fillIn(page, { "Email address": dave.email, Password: "weak" });
      await press(page, "Continue");
      expect(await page.getByRole("alert").textContent()).toContain("At least 8 characters");
      expect(await page.getByLabel("Email address").inputValue()).toBe(dave.email);
      expect(await page.getByLabel("Password").inputValue()).toBe("");
      expect(await look(page, "tenant-sign-up-weak-password")).toEqual([]);
      await fillIn(page, { Password: dave.password });
      await press(page, "Continue");
      await arriveAt(page, "Done");
      expect(await look(page, "cli-done")).toEqual([]);
    });
    expect(login.exitCode, login.text).toBe(0);
    expect((await status()).user.email).toBe(dave.email);
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });

  test("signs in by email and password, after a wrong one, and then without any page", async () => {
    const person = await world.person();
    const login = await tvkWithPerson(world.project, ["login"], person, async (page) => {
      await fillIn(page, { "Email address": dave.email, Password: "wrong" });
      await press(page, "Continue");
      expect(await page.getByRole("alert").textContent()).toBe("Wrong email or password");
      expect(await look(page, "tenant-wrong-password")).toEqual([]);
      await fillIn(page, { Password: dave.password });
      await press(page, "Continue");
      await arriveAt(page, "Done");
    });
    expect(login.exitCode, login.text).toBe(0);
    const again = await tvkWithPerson(world.project, ["login"], person, async (page) => {
      await arriveAt(page, "Done");
    });
    expect(again.exitCode, again.text).toBe(0);
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });

  test('signs in by "Continue with Acme-helpdesk", and says what "Deny" came to', async () => {
    const person = await world.person();
    const denied = await tvkWithPerson(world.project, ["login"], person, async (page) => {
      await press(page, "Continue with Acme-helpdesk");
      await signInAtHelpdesk(page, "carol@acme.test");
      await press(page, "Deny");
      await arriveAt(page, "Not done");
      expect(await look(page, "cli-not-done")).toEqual([]);
    });
    expect(denied.exitCode).not.toBe(0);
    expect(denied.stderr).toContain("access_denied");
    const login = await tvkWithPerson(world.project, ["login"], person, async (page) => {
      await press(page, "Continue with Acme-helpdesk");
      await press(page, "Allow");
      await arriveAt(page, "Done");
    });
    expect(login.exitCode, login.text).toBe(0);
    expect((await status()).user.sub).toMatch(/^oauth2\|acme-helpdesk\|/);
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });
});

suite("tvk connect, in a browser", () => {
  const scopes = "openid,profile,read:tickets,write:tickets";
  const args = ["connect", "acme-helpdesk", "--scopes", scopes];

  test('names what went wrong after "Deny", and connects nothing', async () => {
    const person = await world.person();
    const connect = await tvkWithPerson(world.project, args, person, async (page) => {
      await signInAtHelpdesk(page, "alice@acme.test", "wrong");
      expect(await page.getByRole("alert").textContent()).toBe(
        "The e-mail or the password is wrong.",
      );
      expect(await look(page, "helpdesk-wrong-password")).toEqual([]);
      await signInAtHelpdesk(page, "alice@acme.test");
      await press(page, "Deny");
      await arriveAt(page, "Not done");
    });
    expect(connect.exitCode).not.toBe(0);
    expect(connect.stderr).toContain("denied");
    expect(await world.project.json(["connections"])).toMatchObject({ connections: [] });
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });

  test("asks in plain words, and connects the other account that the person changes to", async () => {
    const person = await world.person();
    const connect = await tvkWithPerson(world.project, args, person, async (page) => {
      await signInAtHelpdesk(page, "alice@acme.test");
      await readOn(page, "p", "You are signed in as alice@acme.test");
      await readOn(page, "li", "Read your tickets");
      expect(await look(page, "helpdesk-consent")).toEqual([]);
      await press(page, "Use another account");
      await signInAtHelpdesk(page, "bob@acme.test");
      await readOn(page, "p", "You are signed in as bob@acme.test");
      await press(page, "Allow");
      await arriveAt(page, "Done");
    });
    expect(connect.exitCode, connect.text).toBe(0);
    const mine = (await world.project.json([
      "fetch",
      "acme-helpdesk",
      `${world.helpdesk}/tickets?assignee=me`,
    ])) as { body: { tickets: { assignee: string }[] } };
    expect(new Set(mine.body.tickets.map(({ assignee }) => assignee))).toEqual(
      new Set(["bob@acme.test"]),
    );
    expect(person.complaints()).toEqual([]);
    await person.leave();
  });
});

suite("the whole chain", () => {
  test("needs no mouse", async () => {
    const complaints = await loginAndConnect(
      {},
      {
        chooseHelpdesk: async (page) => {
          await tabTo(page, "Continue with Acme-helpdesk");
          await pressEnter(page);
        },
        signIn: async (page) => {
          // Where to type is where the page has put the cursor.
          await page.keyboard.type("alice@acme.test");
          await page.keyboard.press("Tab");
          await page.keyboard.type(demoPassword);
          await pressEnter(page);
        },
        allow: async (page) => {
          await tabTo(page, "Allow");
          await pressEnter(page);
        },
      },
    );
    expect(complaints).toEqual([]);
  });

  const byPointer = {
    chooseHelpdesk: (page: Page) => press(page, "Continue with Acme-helpdesk"),
    signIn: (page: Page) => signInAtHelpdesk(page, "alice@acme.test"),
    allow: (page: Page) => press(page, "Allow"),
  };

  test("needs no JavaScript", async () => {
    expect(await loginAndConnect({ javaScriptEnabled: false }, byPointer)).toEqual([]);
  });

  test("fits a phone, by touch and in the dark", async () => {
    const phone = {
      viewport: { width: 360, height: 740 },
      deviceScaleFactor: 3,
      isMobile: true,
      hasTouch: true,
      colorScheme: "dark",
    } as const;
    const touch = (name: string) => async (page: Page) => {
      // A page that forgets its viewport is laid out 980 pixels wide and shrunk.
      expect(await page.evaluate("innerWidth")).toBe(phone.viewport.width);
      await page.getByRole("button", { name, exact: true }).tap();
    };
    const complaints = await loginAndConnect(phone, {
      ...byPointer,
      chooseHelpdesk: touch("Continue with Acme-helpdesk"),
      allow: touch("Allow"),
    });
    expect(complaints).toEqual([]);
  });
});
