/** The headers of an answer that anybody here reads. */
interface AnswerHeaders {
  readonly date?: string;
  readonly 'x-amz-crc32'?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/** An answer, and whether its connection can take another request. */
export interface WholeAnswer {
  readonly answer: Answer;
  readonly staysOpen: boolean;
}

/** A body, and how many bytes it took. */
interface Body {
  readonly content: Buffer;
  readonly length: number;
}

/**
 * @param ended nothing more will come
 * @returns the body, once it is whole
 */
type ReadBody = (bytes: Buffer, ended: boolean) => Body | undefined;

interface Head extends Pick<Answer, 'status' | 'headers'> {
  /** Bytes, with the empty line at its end. */
  readonly length: number;
  readonly readBody: ReadBody;
  readonly keepAlive: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([2-5]\d\d)(?: |\r|$)/;
/** What some take for the end of a line or for space, and some, such as Node, at times do not. */
const AMBIGUOUS = /(?<!\r)\n|\r(?!\n)|\t/;
const FIELDS = /\r\n(connection|content-length|date|transfer-encoding|x-amz-crc32):([^\r\n]*)/gi;

/**
 * Reads one answer of HTTP/1.1 to a POST, as its bytes come.
 *
 * Of RFC 9112 it takes every way in which the end of an answer can be told, and nothing that could be taken in two
 * ways: then the connection is given up.
 *
 * https://www.rfc-editor.org/rfc/rfc9112
 */
export class AnswerReader {
  #bytes: Buffer = Buffer.of();
  #head: Head | undefined;

  /**
   * @returns the answer as soon as it is whole
   * @throws {Error} if it is none of HTTP/1.1
   */
  take(chunk: Buffer): WholeAnswer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    return this.#read(false);
  }

  /** @returns the answer if its end is that nothing more comes; `undefined` if it was cut off */
  end(): WholeAnswer | undefined {
    return this.#read(true);
  }

  #read(ended: boolean): WholeAnswer | undefined {
    this.#head ??= readHead(this.#bytes);
    if (this.#head === undefined) return undefined;
    const { status, headers, length, readBody, keepAlive } = this.#head;
    const rest = this.#bytes.subarray(length);
    const body = readBody(rest, ended);
    if (body === undefined) return undefined;
    // More than the answer would be taken for the next one.
    const staysOpen = keepAlive && !ended && rest.length === body.length;
    return { answer: { status, headers, body: body.content }, staysOpen };
  }
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end);
  const [, minor, status] = STATUS_LINE.exec(text) ?? [];
  if (minor === undefined || AMBIGUOUS.test(text)) throw new Error('what came is no answer of HTTP/1.1');

  const fields: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(FIELDS)) {
    const key = name.toLowerCase();
    const before = fields[key];
    fields[key] = before === undefined ? value.trim() : `${before}, ${value.trim()}`;
  }
  return {
    status: Number(status),
    headers: fields,
    length: end + 4,
    readBody: bodyReader(Number(status), fields),
    keepAlive: minor === '1' && !/\bclose\b/i.test(fields['connection'] ?? ''),
  };
}

/** Section 6.3, but that a length beside chunks, which smuggling is made of, is refused. */
function bodyReader(status: number, fields: Readonly<Record<string, string>>): ReadBody {
  if (status === 204 || status === 304) return ofLength(0);
  const coding = fields['transfer-encoding']?.toLowerCase();
  const length = fields['content-length'];
  if (coding === undefined && length === undefined) return untilClosed;
  if (coding === 'chunked' && length === undefined) return chunked;
  if (coding === undefined && /^\d{1,9}$/.test(length ?? '')) return ofLength(Number(length));
  throw new Error('where the answer ends cannot be told');
}

function ofLength(length: number): ReadBody {
  return (bytes) => (bytes.length < length ? undefined : { content: bytes.subarray(0, length), length });
}

function untilClosed(bytes: Buffer, ended: boolean): Body | undefined {
  return ended ? { content: bytes, length: bytes.length } : undefined;
}

/** Section 7.1. What trailers say is not asked. */
function chunked(bytes: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return undefined;
    const [, size] = /^([0-9a-f]{1,7})[ \t]*(?:;.*)?$/i.exec(bytes.toString('latin1', at, lineEnd)) ?? [];
    if (size === undefined) throw new Error('a chunk of the answer has no size');
    if (Number.parseInt(size, 16) === 0) {
      const end = bytes.indexOf('\r\n\r\n', lineEnd, 'latin1');
      return end < 0 ? undefined : { content: Buffer.concat(chunks), length: end + 4 };
    }
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n')
      throw new Error('a chunk of the answer has another size than it says');
    chunks.push(bytes.subarray(start, end));
    at = end + 2;
  }
}
