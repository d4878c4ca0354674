/** The encodings that {@link decodeText} reads, for error messages. */
export const TEXT_ENCODINGS = 'UTF-8 or UTF-16';

/**
 * Decodes text that a user saved: UTF-8, or UTF-16 in either byte order, which PowerShell writes. A byte order mark tells the
 * encoding and is left out. Without one, UTF-16 is recognized if every character is ASCII, as in a key.
 *
 * @returns `undefined` if the bytes are not valid text in either encoding; nothing is replaced or guessed
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (bytes.length === 0 || bytes.length % 2 !== 0) return 'utf-8';
  const zeroAt = (index: number) => bytes.every((byte, at) => (byte === 0) === (at % 2 === index));
  if (zeroAt(1)) return 'utf-16le';
  return zeroAt(0) ? 'utf-16be' : 'utf-8';
}
