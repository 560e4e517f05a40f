/** @module Writes docs/parity.md: `npm run parity`. */
import { writeFileSync } from "node:fs";
import { currentParityPage, parityFile } from "./gather.ts";

writeFileSync(parityFile, await currentParityPage());
