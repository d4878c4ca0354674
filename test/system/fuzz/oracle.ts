import type { Outcome } from '../../../local/lambda/environment.ts';
import type { Door } from './doors.ts';
import { fromPage, fromAddress, onStage, weakest, type Verdict } from './oracle-restrictions.ts';
import { ISSUED, type IssuedKey } from './world.ts';

/**
 * The expected decisions of an authorizer, without sharing code with it. A request is allowed only if the exact bytes of a
 * live key are in a declared source, no source has anything else, and the request comes from where the key may be used.
 */
type Expectation =
  { readonly verdict: 'refuse' } | { readonly verdict: Exclude<Verdict, 'refuse'>; readonly key: IssuedKey };

const REFUSE: Expectation = { verdict: 'refuse' };

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the problem with an outcome, or `undefined` for a correct one */
export function faultOf(door: Door, payload: string, outcome: Outcome, sendable: boolean): string | undefined {
  const parsed: unknown = JSON.parse(payload);
  const event = isObject(parsed) ? parsed : {};
  if (!outcome.ok) {
    const { errorType, errorMessage } = outcome.error;
    if (/^(?:Runtime|Sandbox)\./.test(errorType)) return `the function crashed: ${errorType}: ${errorMessage}`;
    const unauthorized = errorType === 'Unauthorized' && errorMessage === 'Unauthorized';
    if (sendable && !unauthorized) return `a request caused a 500: ${errorType}: ${errorMessage}`;
    return expectationOf(door, event).verdict === 'allow' && sendable ? 'a valid key was rejected with 401' : undefined;
  }
  const answer = JSON.parse(outcome.payload) as Json;
  const malformed = malformedAnswer(answer);
  if (malformed !== undefined) return `a response that API Gateway rejects, ${malformed}: ${outcome.payload}`;

  const arn = String(isV2(event) ? event['routeArn'] : event['methodArn']);
  const allowed = 'isAuthorized' in answer ? answer['isAuthorized'] === true : iamAllows(answer, arn);
  const expected = expectationOf(door, event);
  if (!allowed) return expected.verdict === 'allow' && sendable ? 'a valid key was rejected' : undefined;
  if (expected.verdict === 'refuse') return `an invalid request was allowed: ${outcome.payload}`;
  const id = (answer['context'] as Json)['keyId'];
  return id === expected.key.prefix ? undefined : `allowed as ${String(id)} instead of ${expected.key.prefix}`;
}

function expectationOf(door: Door, event: Json): Expectation {
  const places = PLACES[door].map((place) => place(event));
  if (places.some((values) => values.length > 1)) return REFUSE;
  const wrapped = places.flatMap((values, index) => values.map((value) => ({ value, index })));
  const candidates = new Set(
    wrapped.map(({ value, index }) => UNWRAP[door]?.[index]?.(value) ?? value).filter((text) => text !== ''),
  );
  const [text, another] = candidates;
  if (text === undefined || another !== undefined) return REFUSE;

  const known = ISSUED.filter(({ standing, imported }) => standing === 'live' && (!imported || door === 'imported'));
  const exact = known.find((key) => sameBytes(key.text, text));
  if (exact !== undefined) return expectationFor(exact, 'allow', door, event);
  const byTail = known.find((key) => key.counts === 'tail' && sameBytes(tail(key.text), tail(text)));
  return byTail === undefined ? REFUSE : expectationFor(byTail, 'may allow', door, event);
}

function expectationFor(key: IssuedKey, found: Verdict, door: Door, event: Json): Expectation {
  const restrictions = key.restrictions ?? {};
  const [, stage = '', called = '', path = ''] =
    /^arn:[^/]*\/([^/]+)\/([A-Z$a-z]+)(.*)$/s.exec(String(event[isV2(event) ? 'routeArn' : 'methodArn'])) ?? [];
  const verdict = weakest([
    found,
    atDoor(door, key),
    onRoute(door, key, called, path),
    onStage(restrictions, stage),
    fromAddress(restrictions, sourceIpOf(event)),
    fromPage(restrictions, { origin: sent(event, 'origin'), referer: sent(event, 'referer') }),
  ]);
  return verdict === 'refuse' ? REFUSE : { verdict, key };
}

/** Restrictions that some deployments enforce and others don't. */
function atDoor(door: Door, { restrictions = {}, suspended, usedUp }: IssuedKey): Verdict {
  const { sourceIps, origins } = restrictions;
  // A restriction that a deployment doesn't enforce must lead to a rejection.
  if (door !== 'restricted' && (sourceIps !== undefined || origins !== undefined)) return 'refuse';
  return (door === 'restricted' && suspended) || (door === 'limiting' && usedUp) ? 'refuse' : 'allow';
}

/** Compares bytes instead of using `===`, because lone surrogates change when they are encoded. */
const sameBytes = (one: string, other: string) => Buffer.from(one, 'utf16le').equals(Buffer.from(other, 'utf16le'));
const tail = (text: string) => text.slice(text.lastIndexOf('_'));

const isV2 = (event: Json) => event['version'] === '2.0';
const asciiLower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
/** RFC 9110's optional whitespace: only spaces and tabs. */
const withoutOws = (text: string) => /^[ \t]*([^]*?)[ \t]*$/.exec(text)?.[1] ?? '';

function allValues(event: Json, single: string, multi: string, isPlace: (name: string) => boolean): string[] {
  const named = (container: unknown) =>
    isObject(container) ? Object.entries(container).filter(([name]) => isPlace(name)) : [];
  const asText = (value: unknown) => (typeof value === 'string' ? value : '');
  const many = (isV2(event) ? [] : named(event[multi])).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : []).map((value: unknown) => [name, asText(value)] as const),
  );
  // An event has most values twice: single and multi-value.
  const rest = named(event[single])
    .map(([name, value]) => [name, asText(value)] as const)
    .filter(([name, value]) => !many.some((one) => one[0] === name && one[1] === value));
  return [...many, ...rest].map(([, value]) => value);
}
const headerValues = (event: Json, name: string) =>
  allValues(event, 'headers', 'multiValueHeaders', (given) => asciiLower(given) === name);
const header = (name: string) => (event: Json) => headerValues(event, name).map(withoutOws);
const query = (name: string) => (event: Json) =>
  allValues(event, 'queryStringParameters', 'multiValueQueryStringParameters', (given) => given === name).map(
    withoutOws,
  );
/** The values of a header as sent. */
const sent = (event: Json, name: string) => headerValues(event, name);

function sourceIpOf(event: Json): unknown {
  const context = event['requestContext'];
  const caller = isObject(context) ? context[isV2(event) ? 'http' : 'identity'] : undefined;
  return isObject(caller) ? caller['sourceIp'] : undefined;
}

const X_API_KEY = [header('x-api-key')];
const PLACES: Record<Door, readonly ((event: Json) => string[])[]> = {
  header: X_API_KEY,
  'many places': [header('authorization'), header('x-api-key'), query('api_key')],
  imported: X_API_KEY,
  simple: X_API_KEY,
  cached: X_API_KEY,
  restricted: X_API_KEY,
  limiting: X_API_KEY,
};
const UNWRAP: Partial<Record<Door, readonly ((value: string) => string)[]>> = {
  'many places': [(value) => withoutOws(/^[Aa][Pp][Ii]-[Kk][Ee][Yy] ([^]*)$/.exec(value)?.[1] ?? '')],
};

function onRoute(door: Door, key: IssuedKey, called: string, path: string): Verdict {
  if (key.scope === undefined) return door === 'simple' || door === 'cached' ? 'refuse' : 'allow';
  // All scopes in these tests have this form.
  const [method, folder = ''] = key.scope.replace(/\*$/, '').split(' ');
  if (called !== method || !path.startsWith(folder) || !resolved(path).startsWith(folder)) return 'refuse';
  return /^[/A-Za-z0-9]*$/.test(path) ? 'allow' : 'may allow';
}

/** The path as a lenient backend reads it: decoded, with backslashes replaced and dot segments resolved. */
function resolved(path: string): string {
  const decoded = path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const segments: string[] = [];
  for (const segment of decoded.replaceAll('\\', '/').split('/').slice(1)) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function malformedAnswer(answer: unknown): string | undefined {
  if (!isObject(answer)) return 'not an object';
  if (!isObject(answer['context'])) return 'no context';
  const flat = Object.values(answer['context']).every((value) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  if (!flat) return 'a context that is not flat';
  if (typeof answer['isAuthorized'] === 'boolean') return undefined;
  if (typeof answer['principalId'] !== 'string') return 'no principal';
  return statementsOf(answer).length === 0 ? 'no policy' : undefined;
}

interface Statement {
  readonly Effect: string;
  readonly Resource: readonly string[];
}

function statementsOf(answer: Json): readonly Statement[] {
  const document = answer['policyDocument'];
  return isObject(document) && Array.isArray(document['Statement']) ? (document['Statement'] as Statement[]) : [];
}

function iamAllows(answer: Json, arn: string): boolean {
  const matching = statementsOf(answer).filter(({ Resource }) =>
    Resource.some((pattern) => iamPattern(pattern).test(arn)),
  );
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect !== 'Allow');
}

function iamPattern(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .replaceAll(/[\\^$.+()[\]{}|/-]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
}
