/** Looks at a page as it is shown on a desk and on a phone, in light and in dark. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const looks = [
  { name: "desk-light", width: 1280, height: 800, colorScheme: "light" },
  { name: "desk-dark", width: 1280, height: 800, colorScheme: "dark" },
  { name: "phone-light", width: 360, height: 740, colorScheme: "light" },
  { name: "phone-dark", width: 360, height: 740, colorScheme: "dark" },
] as const;

/** Text, as the program's own types know no document. Gives the pixels by which the page is too wide. */
const sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/**
 * WCAG 1.4.11, which axe does not look at: the line around a field against what is behind it. Gives the
 * fields whose contrast is below 3 to 1.
 */
const faintFields = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = pixel(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("input:not([type=hidden])")].flatMap((field) => {
    const [line, ground] = [pixel(getComputedStyle(field).borderTopColor), behind(field)].map(light);
    const contrast = (Math.max(line, ground) + 0.05) / (Math.min(line, ground) + 0.05);
    return contrast < 3 ? [field.name + " " + contrast.toFixed(2) + ":1"] : [];
  });
})()`;

/**
 * Checks the page as it stands, and leaves it as it was. With TVK_SCREENSHOTS set to a folder, a
 * picture of each look is written there.
 *
 * @returns What is wrong with it, one line each; none where all is well.
 */
export async function look(page: Page, name: string): Promise<string[]> {
  const before = page.viewportSize();
  const problems: string[] = [];
  await page.evaluate(axe.source);
  for (const { name: as, width, height, colorScheme } of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await photograph(page, `${name}-${as}`);
    const seen = [
      ...(await tooWide(page)),
      ...((await page.evaluate(faintFields)) as string[]).map((field) => `faint field: ${field}`),
      ...(await axeProblems(page)),
    ];
    problems.push(...seen.map((problem) => `${name}, ${as}: ${problem}`));
  }
  await page.emulateMedia({ colorScheme: null });
  if (before !== null) await page.setViewportSize(before);
  return problems;
}

async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env["TVK_SCREENSHOTS"];
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

async function tooWide(page: Page): Promise<string[]> {
  const pixels = Number(await page.evaluate(sideways));
  return pixels > 0 ? [`scrolls sideways by ${pixels} pixels`] : [];
}

/** All rules, whatever their impact. */
async function axeProblems(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations.map(({ id, impact, help, nodes }) => {
    const where = nodes.map(({ html }) => html).join(" ");
    return `axe ${id} (${impact}): ${help}: ${where}`;
  });
}
