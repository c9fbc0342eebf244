// Written out, for neither Buffer nor atob is everywhere: worklets have none of them.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const PAD = "=".charCodeAt(0);
const NONE = 255;
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, code] of CODES.entries()) VALUES[code] = value;

/** Characters that are made into text at once: more would be too many arguments. */
const CHUNK = 8192;

export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  for (let i = 0, out = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    codes[out++] = CODES[three >> 18];
    codes[out++] = CODES[(three >> 12) & 63];
    codes[out++] = i + 1 < bytes.length ? CODES[(three >> 6) & 63] : PAD;
    codes[out++] = i + 2 < bytes.length ? CODES[three & 63] : PAD;
  }
  let text = "";
  for (let i = 0; i < codes.length; i += CHUNK) text += String.fromCharCode(...codes.subarray(i, i + CHUNK));
  return text;
}

/** Undefined for what is no base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const end = text.length - padding;
  const valueAt = (i: number) => (i < end ? (VALUES[text.charCodeAt(i)] ?? NONE) : 0);
  for (let i = 0, out = 0; i < text.length; i += 4) {
    const [a, b, c, d] = [valueAt(i), valueAt(i + 1), valueAt(i + 2), valueAt(i + 3)];
    if ((a | b | c | d) > 63) return undefined;
    const three = (a << 18) | (b << 12) | (c << 6) | d;
    bytes[out++] = three >> 16;
    bytes[out++] = three >> 8;
    bytes[out++] = three;
  }
  return bytes;
}
