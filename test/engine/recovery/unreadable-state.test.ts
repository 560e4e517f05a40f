import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { unreadableState } from "../../../engine/recovery/unreadable-state.ts";
import { type StackBench, stackBench } from "./stack-bench.ts";

let stack: StackBench;
beforeEach(() => {
  stack = stackBench();
});
afterEach(() => stack.remove());

const torn = "error: failed to load checkpoint: EOF\n";

suite("unreadableState()", () => {
  test.each([torn, 'error: read ".pulumi/meta.yaml": EOF\n'])(
    "names the torn files of a folder when the engine says %j, and touches none",
    (said) => {
      const files = ["meta.yaml.attrs", "stacks/desk/dev.json.attrs"].map((file) =>
        stack.write(file, ""),
      );
      const error = unreadableState("dev", `file://${stack.backendDir}`, said);
      expect(error).toMatchObject({ code: "STATE_UNREADABLE" });
      for (const file of files) expect(error?.message).toContain(file);
      expect(unreadableState("dev", `file://${stack.backendDir}`, said)).toEqual(error);
    },
  );

  test.each([undefined, "s3://states", "https://api.pulumi.com"])(
    "says where older states are in a backend that is not a folder (%s)",
    (url) => {
      const error = unreadableState("dev", url, torn);
      expect(error?.message).toContain(url ?? "the backend");
      expect(error?.hint).toContain("history");
    },
  );

  test.each(["error: no stack named 'dev' found", "error: incorrect passphrase", ""])(
    "has nothing to say where the engine ends for another reason (%j)",
    (said) => {
      expect(unreadableState("dev", `file://${stack.backendDir}`, said)).toBeUndefined();
    },
  );
});
