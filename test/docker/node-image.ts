/** @module A base image where none can be pulled: the Node that runs the tests, and the libraries it links. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { tarOf } from "../../engine/plugins/docker/build-context.ts";

/** Name of the image that {@link importNodeImage} makes. */
export const nodeImage = "tvk-test-node:24";

/** Imports the image into a daemon: `node` on its PATH, users `root` and `node` (1000), nothing else. */
export async function importNodeImage(docker: Docker): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "tvk-node-image-"));
  try {
    copyInto(root, process.execPath, "/usr/local/bin/node");
    for (const library of linkedLibraries(process.execPath)) copyInto(root, library, library);
    for (const folder of ["etc", "tmp"]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:\nnode:x:1000:1000::/:\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnode:x:1000:\n");
    const [repo = "", tag = ""] = nodeImage.split(":");
    const answer = await docker.importImage(tarOf(root) as unknown as string, {
      fromSrc: "-",
      repo,
      tag,
      changes: "ENV PATH=/usr/local/bin",
    });
    for await (const _ of answer as AsyncIterable<Buffer>);
    return nodeImage;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function copyInto(root: string, file: string, place: string): void {
  mkdirSync(dirname(join(root, place)), { recursive: true });
  copyFileSync(file, join(root, place));
}

/** The files that the loader maps for a program, the loader itself among them. */
function linkedLibraries(program: string): string[] {
  const text = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file ?? "");
}
