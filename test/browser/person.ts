/** A person at a browser: one context with its own cookies, and what the browser complained about. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { ProjectFolder, RunResult } from "../e2e/project-folder.ts";

export interface Person {
  readonly page: Page;
  /** Console errors, refused by policy or not, uncaught errors and warnings so far. */
  complaints(): string[];
  leave(): Promise<void>;
}

/** Opens a browser window that knows nobody. */
export async function newPerson(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: { readonly text: string; readonly url: string }[] = [];
  const documents = new Set<string>();
  page.on("response", (response) => {
    if (response.request().isNavigationRequest()) documents.add(response.url());
  });
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    complaints.push({ text: message.text(), url: message.location().url });
  });
  page.on("pageerror", (error) => complaints.push({ text: String(error), url: page.url() }));
  // Chromium's console calls every page with a status of 400 or more a failed load.
  const isPage = ({ text, url }: { text: string; url: string }) =>
    /^Failed to load resource: .* status of 4\d\d/.test(text) && documents.has(url);
  return {
    page,
    complaints: () =>
      complaints
        .filter((each) => !isPage(each))
        .map(({ text, url }) => `${text} (${url.split("?")[0]})`),
    leave: () => context.close(),
  };
}

/**
 * Runs `tvk` and goes to the page that it prints; `act` is what the person does there, up to the page
 * that says it is over. Its failure is the test's.
 */
export async function tvkWithPerson(
  project: ProjectFolder,
  args: readonly string[],
  person: Person,
  act: (page: Page) => Promise<void>,
): Promise<RunResult> {
  let visited: Promise<void> | undefined;
  const go = async (url: string) => {
    await person.page.goto(url);
    await act(person.page);
  };
  const result = await project.tvk(args, {
    visit: (url) => {
      visited = go(url);
      return visited;
    },
  });
  if (visited === undefined) throw new Error(`tvk ${args[0]} printed no page:\n${result.text}`);
  await visited;
  return result;
}
