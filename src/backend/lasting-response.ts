/** The fields of a middy request that are used here. */
interface RequestWithResponse {
  response: unknown;
}

/** A response of a Lambda proxy integration. */
interface ProxyResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/**
 * Thrown to stop a request in a `before` step. It has the form of an error of `http-errors`, which middlewares for errors
 * know. They need not turn it into a response: {@link refuse} has set that.
 */
class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  /** The response's status. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the client may see the message. */
  readonly expose = true;

  constructor({ statusCode, headers = {} }: ProxyResponse) {
    super(`The request was refused with status ${String(statusCode)}.`);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** The parts of `request.response` that are kept when other middlewares replace it. */
interface Kept {
  headers: Readonly<Record<string, string>>;
  /** The response while no other is set. */
  refusal?: ProxyResponse;
  response: unknown;
}

const keptBy = new WeakMap<object, Kept>();

/**
 * Adds headers to the response of a request, and keeps them when other middlewares replace it: middy skips the `after`
 * steps when a middleware returns early or an error is thrown, and any middleware may replace the response. Other responses
 * than those of a proxy integration don't change.
 */
export function keepHeaders(request: RequestWithResponse, headers: Readonly<Record<string, string>>): void {
  const kept = keptOf(request);
  kept.headers = { ...kept.headers, ...headers };
}

/**
 * Stops a request with a response, to which all other middlewares can add headers, whichever order they are in.
 *
 * An early return would skip all `after` steps, and with them, for example, the headers of `@middy/http-cors`. An error
 * runs all `onError` steps, but middy unsets the response before them, and those that run first would find none to add to.
 *
 * @throws {RequestRefusedError} always; middy returns the response
 */
export function refuse(request: RequestWithResponse, refusal: ProxyResponse): never {
  keptOf(request).refusal = refusal;
  throw new RequestRefusedError(refusal);
}

function keptOf(request: RequestWithResponse): Kept {
  const present = keptBy.get(request);
  if (present !== undefined) return present;
  const kept: Kept = { headers: {}, response: request.response };
  keptBy.set(request, kept);
  Object.defineProperty(request, 'response', {
    enumerable: true,
    configurable: true,
    get: () => (kept.response = withHeaders(kept.response === undefined ? kept.refusal : kept.response, kept.headers)),
    set: (response: unknown) => {
      kept.response = response;
    },
  });
  return kept;
}

/** A copy if a header is missing: a handler may return the same object for every request. */
function withHeaders(response: unknown, headers: Readonly<Record<string, string>>): unknown {
  if (!isProxyResponse(response)) return response;
  const isComplete = Object.entries(headers).every(([name, value]) => response.headers?.[name] === value);
  return isComplete ? response : { ...response, headers: { ...response.headers, ...headers } };
}

/** An HTTP API takes other responses too, and makes its own headers for them. */
function isProxyResponse(response: unknown): response is ProxyResponse {
  return typeof response === 'object' && response !== null && 'statusCode' in response;
}
