/** What a person does at a page: read, type, press; with the mouse or with the keyboard alone. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Waits for the page with this heading. */
export async function arriveAt(page: Page, heading: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

/** Waits for a page on which this can be read in one piece. */
export async function readOn(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor();
}

export async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

/** Goes on by Tab up to the button of this name; each stop on the way must show where it is. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let stops = 0; stops < 15; stops++) {
    await page.keyboard.press("Tab");
    const at = page.locator(":focus");
    if ((await at.count()) === 0) continue;
    expect(await at.evaluate(outline), "the focus can be seen").not.toBe("none");
    if ((await at.textContent())?.trim() === name) return;
  }
  throw new Error(`no Tab leads to "${name}"`);
}

/** As text: the program's own types know no document. */
const outline = "element => getComputedStyle(element).outlineStyle";

/** Presses Enter, and waits for the page that it leads to. */
export async function pressEnter(page: Page): Promise<void> {
  const before = page.url();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.href !== before);
}
