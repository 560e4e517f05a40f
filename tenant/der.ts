/** @module Writes the few DER structures that no library of ours has. */

/** A tag with its length and content: ITU-T X.690 8.1. */
function der(tag: number, ...parts: readonly (readonly number[])[]): number[] {
  const content = parts.flat();
  const { length } = content;
  if (length < 128) return [tag, length, ...content];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [tag, 0x80 + bytes.length, ...bytes, ...content];
}

/** RFC 5280 4.2.1.10, permittedSubtrees: DNS localhost, 127.0.0.1/32 and ::1/128. */
export function loopbackConstraints(): Uint8Array<ArrayBuffer> {
  const subtree = (general: number[]) => der(0x30, general);
  const ones = (count: number) => new Array<number>(count).fill(0xff);
  const dns = der(0x82, [...Buffer.from("localhost")]);
  const v4 = der(0x87, [127, 0, 0, 1], ones(4));
  const v6 = der(0x87, [...new Array<number>(15).fill(0), 1], ones(16));
  return Uint8Array.from(der(0x30, der(0xa0, subtree(dns), subtree(v4), subtree(v6))));
}

/** RFC 2315 9.1: SignedData without signers, which only carries a certificate. PEM. */
export function certificateOnlyPkcs7(certificate: Uint8Array): string {
  const dataType = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
  const signedDataType = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
  const version = [0x02, 1, 1];
  const empty = [0x31, 0];
  const content = der(
    0x30,
    ...[version, empty, der(0x30, dataType), der(0xa0, [...certificate]), empty],
  );
  const bytes = Uint8Array.from(der(0x30, signedDataType, der(0xa0, content)));
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PKCS7-----\n${lines.join("\n")}\n-----END PKCS7-----\n`;
}
