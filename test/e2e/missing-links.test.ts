import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice, type DemoUser } from "../../cli/sign-in/demo-user.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
let tickets: string;

interface Failure {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: { readonly code?: string };
  };
}

beforeAll(async () => {
  project = await projectFolder();
  tickets = `http://localhost:${project.helpdeskPort}/tickets`;
  const up = await project.tvk(["up"]);
  if (up.exitCode !== 0) throw new Error(up.text);
  const login = await project.tvk(["login"], { user: alice });
  if (login.exitCode !== 0) throw new Error(login.text);
}, 300_000);
afterAll(() => project?.remove());

const carol: DemoUser = { ...alice, email: "carol@acme.test" };

async function client(): Promise<Record<string, unknown> & { client_id: string }> {
  const all = (await project.management("GET", "/clients")) as {
    name: string;
    client_id: string;
  }[];
  const found = all.find(({ name }) => name === "Token Vault agent");
  if (found === undefined) throw new Error("the stack's client is missing");
  return { ...found };
}

async function connection() {
  const [found] = (await project.management("GET", "/connections?name=acme-helpdesk")) as {
    id: string;
    options: Record<string, unknown>;
  }[];
  if (found === undefined) throw new Error("the stack's connection is missing");
  return found;
}

/** `tvk --json …` that fails: its exit code and its error envelope. */
async function failing(args: readonly string[], user?: DemoUser) {
  const { exitCode, stdout, text } = await project.tvk(
    ["--json", ...args],
    user === undefined ? {} : { user },
  );
  expect(exitCode, text).not.toBe(0);
  return { exitCode, ...(JSON.parse(stdout) as Failure).error };
}

suite("a missing link names itself", () => {
  test("a user who never connected: exit 4, and the command that connects", async () => {
    const { exitCode, details, hint } = await failing(["fetch", "acme-helpdesk", tickets]);
    expect({ exitCode, code: details?.code }).toEqual({ exitCode: 4, code: "NOT_CONNECTED" });
    expect(hint).toContain("tvk connect acme-helpdesk");
  });

  test("a wrong helpdesk client secret: connect says that the provider refused the tenant", async () => {
    const { id, options } = await connection();
    await project.management("PATCH", `/connections/${id}`, {
      options: { ...options, client_secret: "wrong-secret" },
    });
    const failure = await failing(["connect", "acme-helpdesk"], alice);
    await project.management("PATCH", `/connections/${id}`, { options });
    expect(failure.message).toMatch(/invalid_client|client authentication/i);
  });

  test("then the chain is whole: connect, and the tickets come", async () => {
    const connected = await project.json(["connect", "acme-helpdesk"], 0, { user: alice });
    expect(connected).toMatchObject({ status: "connected", connection: "acme-helpdesk" });
    expect(await project.json(["fetch", "acme-helpdesk", tickets])).toMatchObject({ status: 200 });
  });

  test("connected accounts switched off on the connection", async () => {
    const { id } = await connection();
    await project.management("PATCH", `/connections/${id}`, {
      connected_accounts: { active: false },
    });
    await forgetTokens();
    const failure = await failing(["fetch", "acme-helpdesk", tickets]);
    await project.management("PATCH", `/connections/${id}`, {
      connected_accounts: { active: true },
    });
    expect(failure.details?.code).toBe("CONNECTION_OFF");
    expect(`${failure.message} ${failure.hint}`).toMatch(/connected.?accounts/i);
  });

  test("the vault's grant type missing on the client", async () => {
    const { client_id: id, grant_types: grants } = await client();
    await project.management("PATCH", `/clients/${id}`, {
      grant_types: ["authorization_code", "refresh_token"],
    });
    await forgetTokens();
    const failure = await failing(["fetch", "acme-helpdesk", tickets]);
    await project.management("PATCH", `/clients/${id}`, { grant_types: grants });
    expect(failure.details?.code).toBe("GRANT_NOT_ENABLED");
    expect(`${failure.message} ${failure.hint}`).toMatch(/grant/i);
  });

  test("the client grant for the My Account API missing", async () => {
    const { client_id: id } = await client();
    const [grant] = (await project.management("GET", `/client-grants?client_id=${id}`)) as {
      id: string;
      audience: string;
      scope: string[];
    }[];
    await project.management("DELETE", `/client-grants/${grant?.id}`);
    const failure = await failing(["connect", "acme-helpdesk"], carol);
    await project.management("POST", "/client-grants", {
      client_id: id,
      audience: grant?.audience,
      scope: grant?.scope,
      subject_type: "user",
    });
    expect(failure.details?.code).toBe("MY_ACCOUNT_GRANT_MISSING");
    expect(`${failure.message} ${failure.hint}`).toMatch(/grant/i);
  });

  test("the MRRT policy missing on the client", async () => {
    const { client_id: id, refresh_token: refreshToken } = await client();
    const { policies: _, ...without } = refreshToken as Record<string, unknown>;
    await project.management("PATCH", `/clients/${id}`, { refresh_token: without });
    const failure = await failing(["connect", "acme-helpdesk"], carol);
    await project.management("PATCH", `/clients/${id}`, { refresh_token: refreshToken });
    expect(failure.details?.code).toBe("MRRT_POLICY_MISSING");
    expect(`${failure.message} ${failure.hint}`).toContain("refresh_token.policies");
  });

  test("every link mended: the tickets come again", async () => {
    await forgetTokens();
    expect(await project.json(["fetch", "acme-helpdesk", tickets])).toMatchObject({ status: 200 });
  });

  test("`tvk up` finds and mends what was changed by hand", async () => {
    const { id } = await connection();
    await project.management("PATCH", `/connections/${id}`, {
      connected_accounts: { active: false },
    });
    const { exitCode, text } = await project.tvk(["up", "--", "--refresh"]);
    expect(exitCode, text).toBe(0);
    const mended = (await project.management("GET", `/connections/${id}`)) as Record<
      string,
      unknown
    >;
    expect(mended["connected_accounts"]).toEqual({ active: true });
  }, 120_000);
});

/** Cached provider tokens stay good for an hour whatever the tenant says: drop them to see what it says. */
async function forgetTokens(): Promise<void> {
  const { readFileSync, writeFileSync } = process.getBuiltinModule("node:fs");
  const path = `${project.dir}/config/profiles.json`;
  const file = JSON.parse(readFileSync(path, "utf8"));
  file.profiles.dev.connections = {};
  writeFileSync(path, JSON.stringify(file));
}
