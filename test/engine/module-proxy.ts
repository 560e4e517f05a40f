/** @module A Go module proxy in a folder, with small modules in the place of Pulumi's. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** A module of the proxy. */
export interface ProxyModule {
  readonly path: string;
  readonly version: string;
  /** Contents by path inside the module; go.mod among them. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Writes modules as the GOPROXY protocol lays them out, and returns the URL to set.
 *
 * @see [Module proxy protocol](https://go.dev/ref/mod#goproxy-protocol)
 */
export function moduleProxy(dir: string, modules: readonly ProxyModule[]): string {
  for (const { path, version, files } of modules) {
    const folder = join(dir, path, "@v");
    mkdirSync(folder, { recursive: true });
    const entries = Object.entries(files).map(
      ([name, content]) => [`${path}@v${version}/${name}`, content] as const,
    );
    writeFileSync(join(folder, `v${version}.info`), JSON.stringify({ Version: `v${version}` }));
    writeFileSync(join(folder, `v${version}.mod`), files["go.mod"] ?? "");
    writeFileSync(join(folder, `v${version}.zip`), zip(entries));
  }
  return `file://${dir}`;
}

/** A ZIP archive whose entries are stored, not compressed (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
function zip(entries: readonly (readonly [name: string, content: string])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const [title, data] = [Buffer.from(name), Buffer.from(content)];
    // From "version needed" to "extra field length"; 20 is 2.0, 33 is the first of January 1980.
    const common = fields(
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [33, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [title.length, 2],
      [0, 2],
    );
    parts.push(fields([0x04034b50, 4]), common, title, data);
    directory.push(
      fields([0x02014b50, 4], [20, 2]),
      common,
      fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
      title,
    );
    offset += 4 + common.length + title.length + data.length;
  }
  const listing = Buffer.concat(directory);
  const end = fields(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [entries.length, 2],
    [entries.length, 2],
    [listing.length, 4],
    [offset, 4],
    [0, 2],
  );
  return Buffer.concat([...parts, listing, end]);
}

/** Numbers, little-endian, each with its width in bytes. */
function fields(...pairs: (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  const buffer = Buffer.alloc(pairs.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of pairs) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}
