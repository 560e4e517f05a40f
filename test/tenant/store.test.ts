/** @module The store: what was put is there, once, and no longer than it should. */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import type { ClientRow } from "../../tenant/models/client.ts";
import type { ConnectionRow } from "../../tenant/models/connection.ts";
import { openStore, type Store } from "../../tenant/store.ts";

let dir: string;
let store: Store;
let now = 1_000;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-store-"));
  store = openStore(dir, () => now);
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const reopen = () => {
  store.close();
  store = openStore(dir, () => now);
};

/** One page of a database, at `position`, becomes noise. */
function overwrite(file: string, position: number): void {
  const fd = openSync(file, "r+");
  writeSync(fd, Buffer.alloc(4_096, 0xa5), 0, 4_096, position);
  closeSync(fd);
}

suite("Collection", () => {
  test("gives back any JSON that was put, also after it is opened again", () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (id, value) => {
        const plain = JSON.parse(JSON.stringify(value));
        store.settings.put(id, plain);
        expect(store.settings.get(id)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
    store.settings.put("kept", { a: 1 });
    reopen();
    expect(store.settings.get("kept")).toEqual({ a: 1 });
  });

  test("replaces what has the id, in its old place", () => {
    for (const id of ["a", "b", "c"]) store.settings.put(id, { id });
    store.settings.put("a", { id: "a", again: true });
    expect(store.settings.all()).toEqual([{ id: "a", again: true }, { id: "b" }, { id: "c" }]);
  });

  test("gives a single-use thing to the first taker only", () => {
    store.settings.put("once", { a: 1 });
    expect(store.settings.take("once")).toEqual({ a: 1 });
    expect(store.settings.take("once")).toBeUndefined();
  });

  test("hides what has expired from every reader, and sweeps it", () => {
    const session = { id: "s", secret_hash: "h", user_id: "u", auth_time: 1, connection: "c" };
    store.sessions.put("s", session, now + 10);
    expect(store.sessions.get("s")).toEqual(session);
    now += 10;
    expect(store.sessions.get("s")).toBeUndefined();
    expect(store.sessions.all()).toEqual([]);
    expect(store.sessions.find("user_id", "u")).toEqual([]);
    expect(store.sessions.delete("s")).toBe(false);
    expect(store.sessions.take("s")).toBeUndefined();
  });

  test("finds by an indexed field and refuses a field without an index", () => {
    const session = { secret_hash: "h", user_id: "u", auth_time: 1, connection: "c" };
    store.sessions.put("1", { id: "1", ...session });
    store.sessions.put("2", { id: "2", ...session, user_id: "other" });
    expect(store.sessions.find("user_id", "u").map(({ id }) => id)).toEqual(["1"]);
    expect(() => store.sessions.find("connection", "c")).toThrow(TypeError);
  });

  test("says whether there was something to delete", () => {
    store.settings.put("a", {});
    expect(store.settings.delete("a")).toBe(true);
    expect(store.settings.delete("a")).toBe(false);
  });
});

suite("transaction()", () => {
  test("writes all or nothing, also when nested", () => {
    const failing = () =>
      store.transaction(() => {
        store.settings.put("a", {});
        store.transaction(() => store.settings.put("b", {}));
        throw new Error("no");
      });
    expect(failing).toThrow("no");
    expect(store.settings.all()).toEqual([]);
    store.transaction(() => store.settings.put("c", {}));
    expect(store.settings.get("c")).toEqual({});
  });
});

suite("openStore()", () => {
  test("refuses a folder that is open already, and takes it once it is closed", () => {
    expect(() => openStore(dir, () => now)).toThrow(
      expect.objectContaining({
        code: "DIR_IN_USE",
        message: `the folder ${dir} is in use by another tenant process`,
        hint: expect.stringContaining("tvk tenant stop"),
      }),
    );
    reopen();
  });

  test.each([
    ["is no database", () => writeFileSync(join(dir, "tenant.db"), "no database".repeat(999))],
    ["has a page that is not whole", () => overwrite(join(dir, "tenant.db"), 4096 * 2)],
    ["was emptied", () => writeFileSync(join(dir, "tenant.db"), "")],
  ])("refuses a file that %s, naming it and the next step", (_, damage) => {
    store.close();
    const whole = readFileSync(join(dir, "tenant.db"));
    writeFileSync(join(dir, "management-client.json"), "{}");
    damage();
    expect(() => openStore(dir, () => now)).toThrow(
      expect.objectContaining({
        code: "DATA_DAMAGED",
        message: expect.stringContaining(`${join(dir, "tenant.db")} is damaged: `),
        hint: expect.stringContaining("tvk tenant reset"),
      }),
    );
    writeFileSync(join(dir, "tenant.db"), whole);
    store = openStore(dir, () => now);
  });

  test("keeps its files to the owner", () => {
    store.settings.put("a", {});
    for (const name of ["tenant.db", "tenant.db-wal"]) {
      expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0);
    }
  });
});

suite("what was read before", () => {
  const client = (name: string) => ({ client_id: "c", name }) as ClientRow;
  const names = () => [
    store.clients.get("c")?.name,
    store.connections.find("name", "one").map(({ id }) => id),
  ];

  test("is not answered again after a write, a take or a delete", () => {
    expect(names()).toEqual([undefined, []]);
    store.clients.put("c", client("first"));
    store.connections.put("con", { id: "con", name: "one" } as ConnectionRow);
    expect(names()).toEqual(["first", ["con"]]);
    store.clients.put("c", client("second"));
    expect(names()).toEqual(["second", ["con"]]);
    expect(store.clients.take("c")?.name).toBe("second");
    store.connections.delete("con");
    expect(names()).toEqual([undefined, []]);
  });

  test("is forgotten when a transaction is undone", () => {
    store.clients.put("c", client("first"));
    const undone = () =>
      store.transaction(() => {
        store.clients.put("c", client("second"));
        expect(names()).toEqual(["second", []]);
        throw new Error("no");
      });
    expect(undone).toThrow("no");
    expect(names()).toEqual(["first", []]);
  });

  test("ends in time all the same, and is nobody's to change", () => {
    store.clients.put("c", client("first"), now + 10);
    expect(names()[0]).toBe("first");
    now += 10;
    expect(names()[0]).toBeUndefined();
    store.clients.put("c", client("second"));
    const read = store.clients.get("c");
    if (read) read.name = "changed by its reader";
    expect(names()[0]).toBe("second");
  });
});
