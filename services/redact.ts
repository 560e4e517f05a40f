/** @module Taking the secrets of an environment out of a text that people see. */

/** Variables whose value is secret whatever it looks like. */
const secretName = /secret|token|passw|passphrase|credential|private|salt|key|auth$/i;
/** A value that looks like a secret under any name: long, of one piece, no path and no URL. */
const secretLook = /^(?=.*\d)[\w+=.~-]{20,}$/;
/** A shorter value would take words out of the text that have nothing to do with it. */
const leastLength = 4;
const mark = "[redacted]";

/** Replaces every secret value of `env` in `text`, as it is and as URLs and JSON write it. */
export function redact(text: string, env: Readonly<Record<string, string>>): string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => secretName.test(name) || secretLook.test(value))
    .flatMap(([, value]) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
    .filter((value) => value.length >= leastLength)
    // The longest first: one secret can be the beginning of another.
    .sort((one, other) => other.length - one.length);
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, mark), text);
  return hidden.replace(/(\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${mark}@`);
}
