import { usageError } from '../errors.ts';

/** Stands for the first bytes that can't be decoded. Unicode guarantees that no text contains it. */
export const UNDECODED = '\u{10ffff}';

/** The text of a file or of stdin, or as much as could be decoded. */
export type Decoded =
  | { readonly encoding: string; readonly text: string }
  | {
      readonly encoding: string;
      /** The line with the first bytes that are not valid in `encoding`, counted from 1. */
      readonly line: number;
      /** The text with {@link UNDECODED} in place of those bytes. */
      readonly damaged: string;
    };

/**
 * Decodes text in the given encoding, or in that of its byte order mark, or in UTF-8. PowerShell writes UTF-16. Without a byte
 * order mark, UTF-16 is recognized if every character is ASCII, as in a key.
 *
 * @param label a label of the WHATWG Encoding Standard, such as `windows-1252`
 * @throws {CommandError} if the label is unknown, or contradicts the byte order mark
 */
export function decodeText(bytes: Uint8Array, label?: string): Decoded {
  const marked = markedEncoding(bytes);
  const strict = decoderFor(label ?? marked ?? asciiUtf16(bytes) ?? 'utf-8', true);
  const { encoding } = strict;
  if (marked !== undefined && marked !== encoding)
    throw usageError(`The file starts with the byte order mark of ${marked}, so its encoding is not ${encoding}.`);
  try {
    return { encoding, text: strict.decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { encoding, ...damagedText(bytes, encoding) };
  }
}

/** The encodings that have a byte order mark. */
const BYTE_ORDER_MARKS: readonly { readonly encoding: string; readonly bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

function markedEncoding(bytes: Uint8Array): string | undefined {
  return BYTE_ORDER_MARKS.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))?.encoding;
}

/** Recognizes UTF-16 text of ASCII characters: every other byte is zero, and no others are. */
function asciiUtf16(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length % 2 !== 0) return undefined;
  const zerosAt = (offset: number) => bytes.every((byte, index) => (byte === 0) === (index % 2 === offset));
  if (zerosAt(1)) return 'utf-16le';
  return zerosAt(0) ? 'utf-16be' : undefined;
}

function decoderFor(encoding: string, fatal: boolean) {
  try {
    return new TextDecoder(encoding, { fatal });
  } catch {
    throw usageError(
      `"${encoding}" is not an encoding that this Node.js knows. Use a name such as utf-8, utf-16le or windows-1252.`,
    );
  }
}

/** Finds the longest start of the bytes that can be decoded. */
function damagedText(bytes: Uint8Array, encoding: string): { readonly line: number; readonly damaged: string } {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isPrefixOfValid(bytes.subarray(0, middle), encoding)) good = middle;
    else bad = middle;
  }
  const before = decoderFor(encoding, true).decode(bytes.subarray(0, good), { stream: true });
  // The rest starts with the replacement character.
  const after = decoderFor(encoding, false)
    .decode(bytes)
    .slice(before.length + 1);
  return { line: before.split('\n').length, damaged: `${before}${UNDECODED}${after}` };
}

/** Whether bytes are the start of valid text. They can end inside a character. */
function isPrefixOfValid(bytes: Uint8Array, encoding: string): boolean {
  try {
    decoderFor(encoding, true).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
