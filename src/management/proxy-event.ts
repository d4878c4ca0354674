import { InvalidInputError } from './errors.ts';

/** The parts of an API Gateway proxy event, payload 1.0 or 2.0, that an input is read from. */
export interface ProxyEvent {
  readonly requestContext: {
    readonly httpMethod?: string;
    readonly http?: { readonly method?: string };
    readonly identity?: { readonly userArn?: string | null };
    readonly authorizer?: {
      readonly iam?: { readonly userArn?: string } | null;
      readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> } | null;
    } | null;
  };
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  /** Payload 1.0. */
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  /** Payload 2.0, which joins the values of a repeated parameter with commas in `queryStringParameters`. */
  readonly rawQueryString?: string;
}

/**
 * Whether an event from API Gateway has the form of a proxy event. This does not prove that API Gateway sent the event: a
 * direct invocation can pass an object of the same form.
 */
export function isProxyEvent(event: unknown): event is ProxyEvent {
  return isObject(event) && isObject(event['requestContext']);
}

/** Returns the principal for the audit log: the ARN of the request's signer, or the issuer and subject of its token. */
export function principalOf({ requestContext }: ProxyEvent): string | undefined {
  const { identity, authorizer } = requestContext;
  const { iss, sub } = authorizer?.jwt?.claims ?? {};
  const bearer = typeof iss === 'string' && typeof sub === 'string' ? `${iss}#${sub}` : undefined;
  return identity?.userArn ?? authorizer?.iam?.userArn ?? bearer;
}

/** Ten times the size of the largest key. Parsing a larger body would be a waste of time. */
const MAX_BODY_CHARACTERS = 64 * 1024;

/**
 * Returns the operation's input: the path parameters and, for GET, the query or, for other methods, the JSON body.
 *
 * @throws {InvalidInputError} if the body is not a JSON object, a field is in the wrong place, or a field or query
 * parameter is repeated
 */
export function inputOf(event: ProxyEvent): Record<string, unknown> {
  const method = event.requestContext.httpMethod ?? event.requestContext.http?.method;
  const path = event.pathParameters ?? {};
  const query = event.queryStringParameters ?? {};
  const repeated = repeatedParameter(event);
  if (repeated !== undefined) throw fault(repeated, 'the query parameter is given more than once', 'one value');
  if (method === 'GET') return withPath(query, path);

  // A key in a query string would be written to access logs.
  const [parameter] = Object.keys(query);
  if (parameter !== undefined)
    throw fault(parameter, 'query parameters are not accepted here', 'a field of the JSON body');
  return withPath(jsonBody(event), path);
}

/** Returns a parameter that the query has more than once. API Gateway would use the last value, or join the values. */
function repeatedParameter({ multiValueQueryStringParameters, rawQueryString }: ProxyEvent): string | undefined {
  const repeated = Object.entries(multiValueQueryStringParameters ?? {}).find(([, values = []]) => values.length > 1);
  const raw = [...new URLSearchParams(rawQueryString).keys()];
  return repeated?.[0] ?? raw.find((name, index) => raw.indexOf(name) !== index);
}

/** Adds the path parameters to the fields, and rejects a field that is also in the path. */
function withPath(fields: Readonly<Record<string, unknown>>, path: Readonly<Record<string, unknown>>) {
  const twice = Object.keys(path).find((field) => Object.hasOwn(fields, field));
  if (twice !== undefined) throw fault(twice, 'is in the path already', 'the path alone');
  return { ...fields, ...path };
}

function jsonBody({ body, isBase64Encoded }: ProxyEvent): Record<string, unknown> {
  if (body === undefined || body === null || body === '') return {};
  if (body.length > MAX_BODY_CHARACTERS)
    throw fault('', 'the body is too long', `at most ${String(MAX_BODY_CHARACTERS)} characters`);
  const text = withoutByteOrderMark(isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may contain a key.
    throw fault('', 'the body is not JSON', 'a JSON object');
  }
  // `JSON.parse` uses the last value, but another parser, such as a firewall's, might use the first.
  const field = repeatedField(text);
  if (field !== undefined) throw fault(field, 'the field is given more than once', 'one value');
  if (!isObject(value)) throw fault('', 'the body is not a JSON object', 'a JSON object');
  return value;
}

/** Returns the first field that is repeated in an object, even with the same value. The text must be valid JSON. */
function repeatedField(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [, name, bracket] of text.matchAll(/("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|([{}])/g)) {
    if (bracket === '{') open.push(new Set());
    else if (bracket === '}') open.pop();
    else if (name !== undefined) {
      // Different spellings, such as `a` and `\u0061`, can be the same name.
      const field = String(JSON.parse(name));
      const fields = open.at(-1);
      if (fields?.has(field) === true) return field;
      fields?.add(field);
    }
  }
  return undefined;
}

/** Some editors and Windows tools start UTF-8 text with U+FEFF. RFC 8259, section 8.1, allows parsers to ignore it. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function fault(field: string, message: string, accepted: string): InvalidInputError {
  return new InvalidInputError([{ field, message, accepted }]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
