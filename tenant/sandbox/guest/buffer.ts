/** @module Buffer, TextEncoder and TextDecoder of the guest realm. */
import type { Bridge } from "./bridge.ts";

/** What the rest of the guest needs of {@link bufferClass}'s Buffer. */
export interface GuestBuffer extends Uint8Array {
  toString(encoding?: string): string;
}

/** The static side. */
export interface GuestBufferClass {
  from(value: unknown, encoding?: string): GuestBuffer;
  concat(parts: readonly Uint8Array[]): GuestBuffer;
  isBuffer(value: unknown): boolean;
}

/** Bytes as text in which each character is one byte: how bytes cross the bridge. */
export function bytesToLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

export function latin1ToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function bufferClass(outer: Bridge): {
  Buffer: GuestBufferClass;
  TextEncoder: unknown;
  TextDecoder: unknown;
} {
  const fill = (text: string) => adopt(latin1ToBytes(text));
  const decode = (text: string, encoding = "utf8") =>
    fill(outer.call<string>("decode", { text, encoding }));
  const encode = (bytes: Uint8Array, encoding = "utf8") =>
    outer.call<string>("encode", { bytes: bytesToLatin1(bytes), encoding });

  class Buffer extends Uint8Array {
    static override from(value: unknown, encoding?: unknown): Buffer {
      if (typeof value === "string") {
        return decode(value, typeof encoding === "string" ? encoding : "utf8");
      }
      if (value instanceof ArrayBuffer) return adopt(new Uint8Array(value));
      if (isSerialized(value)) return adopt(Uint8Array.from(value.data));
      return adopt(Uint8Array.from(value as ArrayLike<number>));
    }
    static alloc(size: number, filler?: number): Buffer {
      const buffer = new Buffer(size);
      if (filler !== undefined) buffer.fill(filler);
      return buffer;
    }
    static allocUnsafe(size: number): Buffer {
      return new Buffer(size);
    }
    static isBuffer(value: unknown): value is Buffer {
      return value instanceof Buffer;
    }
    static byteLength(value: string | Uint8Array, encoding?: string): number {
      return typeof value === "string" ? decode(value, encoding).length : value.byteLength;
    }
    static concat(parts: readonly Uint8Array[]): Buffer {
      const whole = new Buffer(parts.reduce((size, part) => size + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    }
    override toString(encoding?: string): string {
      return encode(this, encoding);
    }
    toJSON(): { type: "Buffer"; data: number[] } {
      return { type: "Buffer", data: [...this] };
    }
    equals(other: Uint8Array): boolean {
      return this.length === other.length && this.every((byte, at) => byte === other[at]);
    }
    override slice(start?: number, end?: number): Buffer {
      return adopt(this.subarray(start, end));
    }
  }

  function adopt(bytes: Uint8Array): Buffer {
    return new Buffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  class TextEncoder {
    readonly encoding = "utf-8";
    encode(text = ""): Uint8Array {
      return new Uint8Array(decode(text));
    }
  }
  class TextDecoder {
    readonly encoding = "utf-8";
    decode(bytes: ArrayBuffer | Uint8Array = new Uint8Array()): string {
      return encode(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
    }
  }
  return { Buffer, TextEncoder, TextDecoder };
}

function isSerialized(value: unknown): value is { data: number[] } {
  return (
    typeof value === "object" && value !== null && "data" in value && Array.isArray(value.data)
  );
}
