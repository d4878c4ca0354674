/** The byte of a pair that ASCII characters use in UTF-16 and UTF-32: the first (little-endian) or the second (big-endian). */
type LowByte = 0 | 1;

/** Detects UTF-16 and UTF-32 by a file's first two bytes: a byte order mark, or an ASCII character. */
function lowByteOf(start: Buffer): LowByte | undefined {
  const [first, second] = start;
  if (first === undefined || second === undefined) return undefined;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 0;
  return (first === 0xfe && second === 0xff) || first === 0 ? 1 : undefined;
}

/**
 * Returns a function that converts the chunks of a file, in any encoding, to text in which keys can be found.
 *
 * Keys are ASCII. UTF-8 and other supersets of ASCII write them as they are, and UTF-16 and UTF-32 only add zero bytes.
 * So each byte becomes one character, and zero bytes are left out. The text then contains every key, even of a binary file or
 * of a file whose encoding changes halfway, for example after PowerShell has appended to it.
 *
 * Only line numbers depend on the encoding. In UTF-16 and UTF-32 the byte 0x0A is a line feed only in a pair with a zero byte: 上 has
 * that byte too. It becomes a space there.
 */
export function textReader(): (chunk: Buffer) => string {
  let offset = 0;
  let lowByte: LowByte | undefined;
  return (chunk) => {
    if (offset === 0) lowByte = lowByteOf(chunk);
    if (lowByte !== undefined) blankOtherLineFeeds(chunk, offset, lowByte);
    offset += chunk.length;
    return chunk.toString('latin1').replaceAll('\0', '');
  };
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;

function blankOtherLineFeeds(chunk: Buffer, offset: number, lowByte: LowByte): void {
  for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) {
    const isLow = (offset + at) % 2 === lowByte;
    const other = chunk[at + (lowByte === 0 ? 1 : -1)];
    // The other byte is in the next or previous chunk if it is undefined.
    if (!isLow || (other !== undefined && other !== 0)) chunk[at] = SPACE;
  }
}
