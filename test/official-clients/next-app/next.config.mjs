import { fileURLToPath } from "node:url";

/** The root of the repository: the packages are one folder up, and tsconfig.json names one further up. */
export default { turbopack: { root: fileURLToPath(new URL("../../..", import.meta.url)) } };
