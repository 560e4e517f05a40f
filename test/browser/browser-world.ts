/** What the tests in a browser start from: a stack that is up, and a Chromium that trusts its tenant. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { findChromium, startChromium } from "./chromium.ts";
import { newPerson, type Person } from "./person.ts";

export interface BrowserWorld {
  readonly project: ProjectFolder;
  readonly tenant: string;
  readonly helpdesk: string;
  /** The client that the stack has made for `tvk`. */
  readonly clientId: string;
  /** A person at a browser window of their own; gone with the world. */
  person(options?: BrowserContextOptions): Promise<Person>;
  close(): Promise<void>;
}

/** @throws {Error} There is no Chromium; said before anything else is started. */
export async function browserWorld(): Promise<BrowserWorld> {
  findChromium();
  const project = await projectFolder();
  let browser: Browser | undefined;
  try {
    const up = await project.tvk(["up"]);
    if (up.exitCode !== 0) throw new Error(up.text);
    browser = await startChromium(join(project.dir, ".tvk/tenant"));
  } catch (error) {
    await project.remove();
    throw error;
  }
  const started = browser;
  return {
    project,
    tenant: `https://localhost:${project.tenantPort}`,
    helpdesk: `http://localhost:${project.helpdeskPort}`,
    clientId: clientIdOf(project),
    person: (options) => newPerson(started, options),
    async close() {
      await started.close();
      await project.remove();
    },
  };
}

function clientIdOf({ dir }: ProjectFolder): string {
  const { profiles } = JSON.parse(readFileSync(join(dir, "config/profiles.json"), "utf8")) as {
    profiles: { dev: { clientId: string } };
  };
  return profiles.dev.clientId;
}
