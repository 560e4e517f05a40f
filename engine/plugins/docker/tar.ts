/**
 * @module Writes a tar archive in which only names, contents and modes count: the same files give the same bytes.
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html | POSIX pax}, "ustar Interchange Format"
 */

export interface TarEntry {
  /** With `/` between its parts, relative, a folder's without one at its end. */
  readonly path: string;
  readonly type: "file" | "folder" | "link";
  readonly executable?: boolean;
  readonly content?: Buffer;
  /** What a link points to. */
  readonly target?: string;
}

const block = 512;
const typeFlags = { file: "0", folder: "5", link: "2", pax: "x" } as const;

/** One archive of the entries, in their order. Owner is root and every time is the epoch. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const { type, target = "", content = Buffer.alloc(0) } = entry;
    const path = type === "folder" ? `${entry.path}/` : entry.path;
    const mode = type === "folder" || entry.executable === true ? 0o755 : 0o644;
    const long = { ...(fits(path) ? {} : { path }), ...(fits(target) ? {} : { linkpath: target }) };
    return [
      ...(Object.keys(long).length > 0 ? paxEntry(long) : []),
      header(path, target, typeFlags[type], mode, content.length),
      padded(content),
    ];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/** Whether a name goes into a header as it is. */
function fits(name: string): boolean {
  return Buffer.byteLength(name) <= 100;
}

/** An entry that says what the next one's header is too short for. */
function paxEntry(records: Readonly<Record<string, string>>): Buffer[] {
  const content = Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`);
      // A record begins with its own length, the digits of the length included.
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) {
        length = String(length).length + rest.length;
      }
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
  return [header("pax", "", typeFlags.pax, 0o644, content.length), padded(content)];
}

function header(path: string, target: string, flag: string, mode: number, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  bytes.write(path.slice(0, 100), 0, 100);
  bytes.write(octal(mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(size, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write(" ".repeat(8), 148);
  bytes.write(flag, 156);
  bytes.write(target.slice(0, 100), 157, 100);
  bytes.write("ustar\x0000", 257);
  const checksum = bytes.reduce((sum, byte) => sum + byte, 0);
  bytes.write(`${octal(checksum, 6)} `, 148);
  return bytes;
}

function padded(content: Buffer): Buffer {
  const rest = content.length % block;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(block - rest)]);
}
