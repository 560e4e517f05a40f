/** @module Under which name a stack's profile is kept, where several projects have a stack of one name. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  loadProfile,
  readProfiles,
  saveProfile,
  updateProfile,
} from "../../cli/profiles/profiles.ts";
import {
  profileOfStack,
  removeStackProfile,
  saveStackProfile,
} from "../../cli/profiles/stack-profile.ts";
import { testEnv } from "./run-tvk.ts";

/** A project's folder, and its stack `dev` when it is up. */
function project(env: NodeJS.ProcessEnv, name: string) {
  const projectDir = join(env["HOME"] ?? "", name);
  mkdirSync(projectDir, { recursive: true });
  writeFileSync(join(projectDir, "Pulumi.yaml"), "name: desk\n");
  return (clientId: string, domain = `localhost:${name.length}000`, stack = "dev") => ({
    stack,
    projectDir,
    tenant: undefined,
    outputs: async () => ({
      tenant: "local",
      domain,
      clientId,
      clientSecret: "s",
      connectionName: "desk",
      scopes: [],
      allowedDomains: [],
    }),
  });
}

async function signIn(name: string, env: NodeJS.ProcessEnv) {
  const auth0 = { accessToken: "at", refreshToken: "rt", expiresAt: 1 };
  await updateProfile(name, (profile) => Object.assign(profile, { auth0 }), env);
}

function names(env: NodeJS.ProcessEnv) {
  return Object.keys(readProfiles(env).profiles).sort();
}

describe("saveStackProfile()", () => {
  it("leaves another project's profile of the stack's name, and takes the folder's beside it", async () => {
    const env = testEnv();
    const [a, b] = [project(env, "a"), project(env, "the b")];
    expect((await saveStackProfile(a("one"), env)).profile).toBe("dev");
    await signIn("dev", env);
    expect((await saveStackProfile(b("two"), env)).profile).toBe("dev@the-b");
    expect((await saveStackProfile(b("two"), env)).profile).toBe("dev@the-b");
    expect(loadProfile("dev", env)?.profile).toMatchObject({
      clientId: "one",
      auth0: { refreshToken: "rt" },
    });
    expect(loadProfile(undefined, env)).toMatchObject({
      name: "dev@the-b",
      profile: { clientId: "two" },
    });
    expect(profileOfStack(b("two"), env)).toBe("dev@the-b");
    expect(profileOfStack(project(env, "not-up")("x"), env)).toBe("dev@not-up");
    expect(profileOfStack(a("one"), env)).toBe("dev");
  });

  it("tells two folders of one name apart", async () => {
    const env = testEnv();
    for (const [folder, profile] of [
      ["x/desk", "dev"],
      ["y/desk", "dev@desk"],
      ["z/desk", "dev@desk-2"],
    ] as const) {
      const stack = project(env, folder)(folder);
      expect((await saveStackProfile(stack, env)).profile).toBe(profile);
    }
  });

  it("replaces its own, also after its tenant and its client were made anew", async () => {
    const env = testEnv();
    const a = project(env, "a");
    await saveStackProfile(a("one"), env);
    await saveStackProfile(a("two", "localhost:9"), env);
    expect(names(env)).toEqual(["dev"]);
    expect(loadProfile("dev", env)?.profile.clientId).toBe("two");
  });

  it("takes over a profile of the same client, and one whose project is gone", async () => {
    const env = testEnv();
    const [a, clone, b] = [project(env, "a"), project(env, "clone"), project(env, "b")];
    await saveStackProfile(a("one", "acme.test"), env);
    expect((await saveStackProfile(clone("one", "acme.test"), env)).profile).toBe("dev");
    rmSync(join(env["HOME"] ?? "", "clone"), { recursive: true });
    expect((await saveStackProfile(b("two"), env)).profile).toBe("dev");
  });

  it("takes over what was saved without a folder for the same tenant only", async () => {
    const env = testEnv();
    const old = { domain: "localhost:1000", clientId: "old", local: true, stack: "dev" };
    await saveProfile("dev", old, env);
    expect((await saveStackProfile(project(env, "bbb")("new"), env)).profile).toBe("dev@bbb");
    expect((await saveStackProfile(project(env, "a")("new"), env)).profile).toBe("dev");
    const byHand = { domain: "localhost:1000", clientId: "mine", local: true };
    await saveProfile("two", byHand, env);
    const stack = project(env, "a")("new-2", undefined, "two");
    expect((await saveStackProfile(stack, env)).profile).toBe("two@a");
  });
});

describe("removeStackProfile()", () => {
  it("removes the stack's own, and no other project's of its name", async () => {
    const env = testEnv();
    const [a, b] = [project(env, "a")("one"), project(env, "b")("two", "localhost:9")];
    await saveStackProfile(a, env);
    await saveStackProfile(b, env);
    await removeStackProfile({ place: b }, env);
    expect(names(env)).toEqual(["dev"]);
    await saveStackProfile(b, env);
    await removeStackProfile({ client: { domain: "localhost:9", clientId: "two" } }, env);
    expect(names(env)).toEqual(["dev"]);
    await removeStackProfile({ client: { domain: "localhost:9", clientId: "one" } }, env);
    expect(names(env)).toEqual(["dev"]);
    await removeStackProfile({ place: a }, env);
    expect(readProfiles(env)).toEqual({ profiles: {} });
  });
});
