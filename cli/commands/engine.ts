/** @module `tvk engine`: finds the Pulumi engine, or brings it. */
import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { progressOn } from "../progress.ts";
import { foundEngine } from "../stack/found-engine.ts";

export const engine = command({
  description: "Find the Pulumi engine, or install or build it",
  args: {},
  failure: "engine_missing",
  async run() {
    const { origin, version, bin } = await foundEngine(progressOn(process.stderr, process.env));
    printResult({ origin, version, bin }, () => "");
    return undefined;
  },
});
