import { usageError } from '../errors.ts';

/** Byte order marks, which leave no doubt about the encoding. */
const BYTE_ORDER_MARKS: readonly { readonly encoding: string; readonly bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/** Stands for the first bytes that could not be decoded. Unicode guarantees that no text contains it. */
export const UNDECODED = '\u{10ffff}';

/** The text of a file, or as much as could be decoded. */
export type Decoded =
  | { readonly text: string }
  | {
      /** The line with the first bytes that are not valid in `encoding`, counted from 1. */
      readonly line: number;
      readonly encoding: string;
      /** The text with {@link UNDECODED} in place of those bytes. */
      readonly damaged: string;
    };

/**
 * Decodes the bytes of a file: in the given encoding, or in that of its byte order mark, or as UTF-8.
 *
 * @param encoding a label of the WHATWG Encoding Standard, such as `windows-1252`
 * @throws {CommandError} if the label is unknown, or contradicts the byte order mark
 */
export function decodeText(bytes: Uint8Array, encoding?: string): Decoded {
  const marked = BYTE_ORDER_MARKS.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))?.encoding;
  const strict = decoderFor(encoding ?? marked ?? 'utf-8', true);
  if (marked !== undefined && marked !== strict.encoding)
    throw usageError(`The file starts with the byte order mark of ${marked}, so it is not in ${strict.encoding}.`);
  if (!strict.encoding.startsWith('utf-16') && bytes.includes(0))
    throw usageError(
      'The file contains NUL bytes, so it may be in UTF-16. Give its encoding, for example --encoding utf-16le.',
    );
  try {
    return { text: strict.decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return damagedText(bytes, strict.encoding);
  }
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

/** Finds the longest beginning of the file that can be decoded. */
function damagedText(bytes: Uint8Array, encoding: string): Decoded {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isPrefixOfValid(bytes.subarray(0, middle), encoding)) good = middle;
    else bad = middle;
  }
  const before = decoderFor(encoding, true).decode(bytes.subarray(0, good), { stream: true });
  // It starts with the replacement character.
  const after = decoderFor(encoding, false)
    .decode(bytes)
    .slice(before.length + 1);
  return { line: before.split('\n').length, encoding, damaged: `${before}${UNDECODED}${after}` };
}

/** A character may be cut at the end, so the decoder is told that more bytes follow. */
function isPrefixOfValid(bytes: Uint8Array, encoding: string): boolean {
  try {
    decoderFor(encoding, true).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
