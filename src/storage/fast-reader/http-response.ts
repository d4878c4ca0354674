/** An HTTP response. */
export interface HttpResponse {
  readonly status: number;
  /** The headers that are read. */
  readonly headers: { readonly date?: string; readonly 'x-amz-crc32'?: string };
  readonly body: Buffer;
}

/** A complete response, and whether its connection can take another request. */
export interface CompleteResponse {
  readonly response: HttpResponse;
  readonly staysOpen: boolean;
}

/** A body, and its length on the wire in bytes. */
interface Body {
  readonly content: Buffer;
  readonly length: number;
}

/**
 * @param bytes all bytes of the body that have arrived so far
 * @returns the body, once it is complete
 */
type ReadBody = (bytes: Buffer) => Body | undefined;

interface Head extends Pick<HttpResponse, 'status' | 'headers'> {
  /** In bytes, including the empty line at the end. */
  readonly length: number;
  readonly readBody: ReadBody;
  readonly keepAlive: boolean;
}

/** The same limit as Node's. */
const MAX_HEAD_BYTES = 16 * 1024;
const TOO_LONG = 'the response is too long';
const INVALID = 'the response is not valid HTTP/1.1';
/** An item can have 400 kB. */
const MAX_BYTES = 1024 * 1024;

// RFC 9112, sections 4 and 5, without what implementations read differently: bare CR or LF, folded lines, tabs, invalid
// characters. Sticky, so that one pass reads the head line by line.
const STATUS_LINE = /HTTP\/1\.([01]) ([2-5]\d\d)(?: [\x20-\x7e\x80-\xff]*)?/y;
const HEADER_LINE = /\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+): *([\x20-\x7e\x80-\xff]*)/y;

/** The headers that are read. */
const READ_HEADERS = new Set(['connection', 'content-length', 'date', 'transfer-encoding', 'x-amz-crc32']);

/**
 * Parses one HTTP/1.1 response to a POST request, as its bytes arrive.
 *
 * It supports the part of RFC 9112 that DynamoDB and proxies in front of it use. It rejects ambiguous messages, interim
 * responses (1xx), which the request did not ask for, and bodies that end with the connection, because they cannot be
 * distinguished from truncated ones.
 *
 * https://www.rfc-editor.org/rfc/rfc9112
 */
export class HttpResponseReader {
  #bytes: Buffer = Buffer.of();
  #head: Head | undefined;

  /** Whether a part of the response has arrived. */
  get hasBegun(): boolean {
    return this.#bytes.length > 0;
  }

  /**
   * Adds bytes.
   *
   * @returns the response, once it is complete
   * @throws {Error} if the response is invalid or too long
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
    // Extra bytes would be taken for the next response.
    return { response: { status, headers, body: body.content }, staysOpen: keepAlive && rest.length === body.length };
  }
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return undefined;
  const length = end + 4;
  if (length > MAX_HEAD_BYTES) throw new Error(TOO_LONG);
  const text = bytes.toString('latin1', 0, end);
  STATUS_LINE.lastIndex = 0;
  const [, minor, status] = STATUS_LINE.exec(text) ?? [];
  if (minor === undefined) throw new Error(INVALID);

  const fields: Record<string, string> = {};
  for (HEADER_LINE.lastIndex = STATUS_LINE.lastIndex; HEADER_LINE.lastIndex < text.length;) {
    const [line, name = '', value = ''] = HEADER_LINE.exec(text) ?? [];
    if (line === undefined) throw new Error(INVALID);
    const key = name.toLowerCase();
    if (!READ_HEADERS.has(key)) continue;
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

/** RFC 9112, section 6.3, except that a length together with chunks (request smuggling) is rejected. */
function bodyReader(status: number, fields: Readonly<Record<string, string>>): ReadBody {
  if (status === 204 || status === 304) return ofLength(0);
  const coding = fields['transfer-encoding']?.toLowerCase();
  const length = fields['content-length'];
  if (coding === 'chunked' && length === undefined) return inChunks();
  if (coding === undefined && length !== undefined && /^\d{1,9}$/.test(length)) return ofLength(Number(length));
  throw new Error(`the response (HTTP ${String(status)}) does not say where it ends`);
}

function ofLength(length: number): ReadBody {
  return (bytes) => (bytes.length < length ? undefined : { content: bytes.subarray(0, length), length });
}

/** RFC 9112, section 7.1, without extensions and trailers, which are not needed. */
function inChunks(): ReadBody {
  const chunks: Buffer[] = [];
  let at = 0;
  return (bytes) => {
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
      if (lineEnd < 0) return undefined;
      const line = bytes.toString('latin1', at, lineEnd);
      if (!/^[0-9a-f]{1,7}$/i.test(line)) throw new Error('a chunk of the response has no size');
      const start = lineEnd + 2;
      const end = start + Number.parseInt(line, 16);
      if (bytes.length < end + 2) return undefined;
      if (bytes.toString('latin1', end, end + 2) !== '\r\n')
        throw new Error('a chunk of the response has the wrong size');
      at = end + 2;
      if (start === end) return { content: Buffer.concat(chunks), length: at };
      chunks.push(bytes.subarray(start, end));
    }
  };
}
