export interface HttpResponse {
  readonly status: number;
  /** Those that anybody here reads. */
  readonly headers: { readonly date?: string; readonly 'x-amz-crc32'?: string };
  readonly body: Buffer;
}

/** An answer, and whether its connection can take another request. */
export interface CompleteResponse {
  readonly answer: HttpResponse;
  readonly staysOpen: boolean;
}

/** A body, and how many bytes it took. */
interface Body {
  readonly content: Buffer;
  readonly length: number;
}

/**
 * @param bytes all that have come of the body, each time more
 * @returns the body, once it is whole
 */
type ReadBody = (bytes: Buffer) => Body | undefined;

interface Head extends Pick<HttpResponse, 'status' | 'headers'> {
  /** Bytes, with the empty line at its end. */
  readonly length: number;
  readonly readBody: ReadBody;
  readonly keepAlive: boolean;
}

/** As Node's. */
const MAX_HEAD_BYTES = 16 * 1024;
const TOO_LONG = 'the answer is longer than any can be';
/** An item has at most 400 kB. */
const MAX_BYTES = 1024 * 1024;

/** Sections 4 and 5, without what readers differ on: half a line break, folded lines, tabs, characters that are none. */
const HEAD =
  /^HTTP\/1\.([01]) ([2-5]\d\d)(?: [\x20-\x7e\x80-\xff]*)?(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*)*$/;
const FIELDS = /\r\n(connection|content-length|date|transfer-encoding|x-amz-crc32): *([^\r]*)/gi;

/**
 * Reads one answer of HTTP/1.1 to a POST, as its bytes come.
 *
 * Of RFC 9112 it takes what DynamoDB, and what may stand in front of it, makes use of. It refuses what could be taken in
 * two ways, interim answers (1xx), which nobody has asked for, and bodies that end with their connection, for nobody can
 * tell such an end from a cut.
 *
 * https://www.rfc-editor.org/rfc/rfc9112
 */
export class HttpResponseReader {
  #bytes: Buffer = Buffer.of();
  #head: Head | undefined;

  /** Whether anything has come. */
  get hasBegun(): boolean {
    return this.#bytes.length > 0;
  }

  /**
   * @returns the answer as soon as it is whole
   * @throws {Error} if it is none, or too long
   */
  take(chunk: Buffer): CompleteResponse | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#head ??= readHead(this.#bytes);
    if (this.#bytes.length > (this.#head === undefined ? MAX_HEAD_BYTES : MAX_BYTES)) throw new Error(TOO_LONG);
    if (this.#head === undefined) return undefined;

    const { status, headers, length, readBody, keepAlive } = this.#head;
    const rest = this.#bytes.subarray(length);
    const body = readBody(rest);
    if (body === undefined) return undefined;
    // More than the answer would be taken for the next one.
    return { answer: { status, headers, body: body.content }, staysOpen: keepAlive && rest.length === body.length };
  }
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return undefined;
  const length = end + 4;
  if (length > MAX_HEAD_BYTES) throw new Error(TOO_LONG);
  const text = bytes.toString('latin1', 0, end);
  const [, minor, status] = HEAD.exec(text) ?? [];
  if (minor === undefined) throw new Error('what came is no answer of HTTP/1.1');

  const fields: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(FIELDS)) {
    const key = name.toLowerCase();
    const before = fields[key];
    const trimmed = value.replace(/ +$/, '');
    fields[key] = before === undefined ? trimmed : `${before}, ${trimmed}`;
  }
  return {
    status: Number(status),
    headers: fields,
    length,
    readBody: bodyReader(Number(status), fields),
    keepAlive: minor === '1' && !/\bclose\b/i.test(fields['connection'] ?? ''),
  };
}

/** Section 6.3, but that a length beside chunks, which smuggling is made of, is refused. */
function bodyReader(status: number, fields: Readonly<Record<string, string>>): ReadBody {
  if (status === 204 || status === 304) return ofLength(0);
  const coding = fields['transfer-encoding']?.toLowerCase();
  const length = fields['content-length'];
  if (coding === 'chunked' && length === undefined) return inChunks();
  if (coding === undefined && length !== undefined && /^\d{1,9}$/.test(length)) return ofLength(Number(length));
  throw new Error(`where the answer (HTTP ${String(status)}) ends cannot be told`);
}

function ofLength(length: number): ReadBody {
  return (bytes) => (bytes.length < length ? undefined : { content: bytes.subarray(0, length), length });
}

/** Section 7.1, without extensions and trailers: nobody here would read them. */
function inChunks(): ReadBody {
  const chunks: Buffer[] = [];
  let at = 0;
  return (bytes) => {
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
      if (lineEnd < 0) return undefined;
      const line = bytes.toString('latin1', at, lineEnd);
      if (!/^[0-9a-f]{1,7}$/i.test(line)) throw new Error('a chunk of the answer has no size');
      const start = lineEnd + 2;
      const end = start + Number.parseInt(line, 16);
      if (bytes.length < end + 2) return undefined;
      if (bytes.toString('latin1', end, end + 2) !== '\r\n')
        throw new Error('a chunk of the answer has another size than it says');
      at = end + 2;
      if (start === end) return { content: Buffer.concat(chunks), length: at };
      chunks.push(bytes.subarray(start, end));
    }
  };
}
