/** @module Pulumi's door: plain JavaScript for any Node, which runs index.ts on one that can. */
import errors from "@pulumi/pulumi/errors.js";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Runs the program; its exports are the stack's outputs. */
// biome-ignore lint/style/noDefaultExport: the language host runs a program's default export
export default async function program() {
  if (major < 22 || (major === 22 && minor < 18)) {
    throw refusal(
      `this program needs Node 22.18 or later, and the node on PATH is ${process.versions.node}; ` +
        'take the one that the project brings (`eval "$(npx tvk shell)"`), or install Node 24',
    );
  }
  try {
    return { ...(await import("./index.ts")) };
  } catch (error) {
    // An error of ours says what to do next; where in the code it came up helps nobody who runs it.
    if (errors.RunError.isInstance(error)) throw refusal(error.message);
    if (typeof error?.hint === "string") throw refusal(`${error.message}\n${error.hint}`);
    throw error;
  }
}

/** What Pulumi prints as one error. It formats the stack first, which Node 20 takes a minute for. */
function refusal(message) {
  const error = new errors.RunError(message);
  error.stack = message;
  return error;
}
