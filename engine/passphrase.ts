/** @module The passphrase of a local stack: made once, and known again, for what it has sealed no other opens. */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { textIfThere } from "../locks/if-there.ts";
import { makeFileOnce, replaceFile } from "../locks/whole-file.ts";

/** `PASSPHRASE_LOST`: the file holds another passphrase than the one that sealed the stack's secrets, or is gone. */
class PassphraseError extends Error {
  readonly code = "PASSPHRASE_LOST";
  readonly hint: string;
  constructor(file: string, dir: string, stack: string, isGone: boolean) {
    super(
      isGone
        ? `${file} is gone, and the secrets of the stack "${stack}" are sealed with what was in it`
        : `${file} does not hold the passphrase that the secrets of the stack "${stack}" are sealed with`,
    );
    this.name = "PassphraseError";
    this.hint = `Put a copy of it back. Without one, remove ${dir} and run tvk up --stack ${stack}: it takes over every object that bears the stack's marks. The helpdesk of the stack begins anew, and its users connect again. If you have changed it on purpose, remove ${file}.sha256.`;
  }
}

/**
 * The file with the passphrase of the stack that `dir` belongs to, 0600. Made on first use; from then on a
 * digest beside it tells whether it is still the same. The engine's own words for another one are "incorrect
 * passphrase", in the middle of a run.
 *
 * @throws {PassphraseError} It is another one, or gone.
 */
export function passphraseFile(dir: string, stack: string): string {
  const file = join(dir, "passphrase");
  const digestFile = `${file}.sha256`;
  const known = textIfThere(digestFile)?.trim();
  if (known === undefined && textIfThere(file) === undefined) {
    makeFileOnce(file, `${randomBytes(24).toString("base64url")}\n`);
  }
  const text = textIfThere(file);
  if (text === undefined) throw new PassphraseError(file, dir, stack, true);
  // Pulumi, too, takes it without the white space around it.
  const digest = createHash("sha256").update(text.trim()).digest("hex");
  if (known === undefined) replaceFile(digestFile, `${digest}\n`);
  else if (known !== digest) throw new PassphraseError(file, dir, stack, false);
  return file;
}
