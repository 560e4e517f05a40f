import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { commandPlugin } from "../../../engine/plugins/command/plugin.ts";
import { Secret, UNKNOWN } from "../../../engine/plugins/protocol/value.ts";
import { openPlugin, type PluginClient, type ResourceClient } from "./plugin-client.ts";

let dir: string;
let plugin: PluginClient;
let command: ResourceClient;
beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "tvk-command-")));
  plugin = await openPlugin(commandPlugin());
  command = plugin.resource("command:local:Command", "svc");
});
afterAll(() => {
  plugin.close();
  rmSync(dir, { recursive: true, force: true });
});

suite("command:local:Command", () => {
  test("runs its create command and keeps what it said, without the last line break", async () => {
    const entry = await command.make({ create: "echo started; echo; echo warn >&2" });
    assert.match(entry.id, /^svc[0-9a-f]{8}$/);
    assert.deepEqual(entry.outputs, {
      create: "echo started; echo; echo warn >&2",
      stdout: "started\n",
      stderr: "warn",
    });
  });

  test("passes environment, folder, input and interpreter on", async () => {
    const { outputs } = await command.make({
      create: "process.stdin.pipe(process.stdout); console.log(process.cwd(), process.env.WHO)",
      environment: { WHO: "me" },
      dir,
      stdin: "hello",
      interpreter: [process.execPath, "-e"],
    });
    assert.equal(outputs["stdout"], `${dir} me\nhello`);
  });

  test("keeps secret inputs secret, and output that repeats one", async () => {
    const environment = { PLAIN: "x", SECRET: new Secret("hush-hush") };
    const quiet = await command.make({ create: "echo fine", environment });
    assert.deepEqual(quiet.outputs["environment"], environment);
    assert.equal(quiet.outputs["stdout"], "fine");
    const loud = await command.make({ create: 'echo "it is $SECRET"', environment });
    assert.deepEqual(loud.outputs["stdout"], new Secret("it is hush-hush"));
    assert.equal(loud.outputs["stderr"], "");
  });

  test("runs its update command with what was said before, else create again", async () => {
    const entry = await command.make({
      create: "echo one",
      update: 'echo "$PULUMI_COMMAND_STDOUT two"',
    });
    const updated = await command.update(entry, { ...entry.inputs, environment: { A: "b" } });
    assert.equal(updated.outputs["stdout"], "one two");
    const plain = await command.make({ create: "echo made" });
    const again = await command.update(plain, { create: "echo again" });
    assert.equal(again.outputs["stdout"], "again");
  });

  test("runs its delete command with what was said before, and none where it has none", async () => {
    const file = join(dir, "deleted");
    const remove = `echo "$PULUMI_COMMAND_STDOUT" > ${file}`;
    const entry = await command.make({ create: "echo bye", delete: remove });
    await command.delete(entry);
    assert.equal(readFileSync(file, "utf8"), "bye\n");
    await command.delete(await command.make({ create: "echo hello" }));
  });

  test("leaves earlier output out of the environment where it is told to", async () => {
    const entry = await command.make({ create: "echo one", addPreviousOutputInEnv: false });
    const news = { ...entry.inputs, update: 'echo "[$PULUMI_COMMAND_STDOUT]"' };
    assert.equal((await command.update(entry, news)).outputs["stdout"], "[]");
  });

  test("is unknown in a preview where it would run", async () => {
    const { outputs } = await command.preview({ create: "echo one", triggers: [UNKNOWN] });
    assert.deepEqual([outputs["stdout"], outputs["stderr"]], [UNKNOWN, UNKNOWN]);
    const entry = await command.make({ create: "echo one" });
    const preview = await command.update(entry, { create: "echo two" }, true);
    assert.equal(preview.outputs["stdout"], UNKNOWN);
  });

  test("is replaced by a trigger and updated by anything else", async () => {
    const entry = await command.make({ create: "echo one", triggers: ["1", { a: 1 }] });
    assert.isFalse((await command.diff(entry, entry.inputs)).changes);
    const other = { ...entry.inputs, triggers: ["2"], update: "echo two" };
    assert.deepEqual((await command.diff(entry, other)).detail, {
      triggers: "UPDATE_REPLACE",
      update: "ADD",
    });
    const { changes } = await command.diff(entry, other, { ignoreChanges: ["triggers", "update"] });
    assert.isFalse(changes);
  });

  test("is as the state says when it is read, and cannot be imported", async () => {
    const entry = await command.make({ create: "echo one" });
    assert.deepEqual(await command.read(entry.id, entry), entry);
    assert.isUndefined(await command.read("svc1"));
  });

  test("fails with the exit code and the last lines, its secrets masked", async () => {
    const environment = { SECRET: new Secret("hush-hush") };
    const create = 'for i in $(seq 30); do echo "line $i" >&2; done; echo "no $SECRET" >&2; exit 3';
    const error = String(await command.make({ create, environment }).catch(String));
    assert.include(error, "creating urn:pulumi:test::project::command:local:Command::svc: ");
    assert.include(error, "the command ended with exit code 3:\n");
    assert.include(error, "line 30\nno [secret]");
    assert.notInclude(error, "line 5\n");
    assert.notInclude(error, "hush-hush");
  });

  test("says what could not be started, and where", async () => {
    const error = await command.make({ create: "true", dir: join(dir, "none") }).catch(String);
    assert.match(String(error), /\/bin\/sh could not be started in .*none/);
  });

  test("does not wait for a process that a command leaves behind with its pipes", async () => {
    const { outputs } = await command.make({ create: 'sleep 600 & echo "$!"' });
    process.kill(Number(outputs["stdout"]));
  });

  test("refuses what it does not have, each input with its place", async () => {
    const { failures } = await command.check({
      create: 1,
      environment: { A: 1 },
      triggers: "a",
      interpreter: ["sh", 1],
      assetPaths: ["*"],
      colour: "red",
    });
    assert.sameMembers(
      failures.map((failure) => failure.split(":")[0] ?? ""),
      ["create", "environment", "triggers", "interpreter", "assetPaths", "colour"],
    );
    assert.match(failures.join("\n"), /assetPaths: is not supported .*TVK_PLUGINS=official/);
  });

  test("accepts inputs that are not known yet", async () => {
    const { failures } = await command.check({
      create: UNKNOWN,
      environment: { A: UNKNOWN },
      triggers: [UNKNOWN],
      interpreter: UNKNOWN,
    });
    assert.deepEqual(failures, []);
  });
});

suite("command:local:run", () => {
  test("runs a command once", async () => {
    const args = { command: "echo $A", environment: { A: "b" } };
    const result = await plugin.invoke("command:local:run", args);
    assert.deepEqual(result, { ...args, stdout: "b", stderr: "" });
  });

  test("fails as the resource does", async () => {
    const error = await plugin.invoke("command:local:run", { command: "exit 4" }).catch(String);
    assert.match(String(error), /exit code 4/);
  });
});
