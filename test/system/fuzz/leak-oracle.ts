import { hash } from 'node:crypto';
import type { Outcome } from '../../../local/lambda/environment.ts';
import { GITHUB_KEY_ID, ID_HEADER, SIGNATURE_HEADER, SIGNATURES, type LeakCase } from './leak-alerts.ts';
import { ISSUED, type IssuedKey } from './world.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asciiLower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The body of a delivery as GitHub sent it. */
export function bodyOf(event: unknown): Buffer {
  const { body, isBase64Encoded } = isObject(event) ? event : {};
  return Buffer.from(typeof body === 'string' ? body : '', isBase64Encoded === true ? 'base64' : 'utf8');
}

/**
 * @param ended prefixes of the keys that this delivery revoked
 * @returns the problem with an outcome, or `undefined` for a correct one
 */
export function leakFaultOf({ payload, sendable }: LeakCase, outcome: Outcome, ended: readonly string[]) {
  const event: unknown = JSON.parse(payload);
  if (!outcome.ok) {
    const { errorType, errorMessage } = outcome.error;
    if (/^(?:Runtime|Sandbox)\./.test(errorType)) return `the function has crashed: ${errorType}: ${errorMessage}`;
    if (sendable) return `the function has failed: ${errorType}: ${errorMessage}`;
    return ended.length > 0 && signedness(event) === 'no'
      ? 'a key was ended for what GitHub has not signed'
      : undefined;
  }
  const { statusCode, body } = JSON.parse(outcome.payload) as { statusCode: number; body: string };
  const signed = signedness(event);
  if (![200, 400, 401].includes(statusCode)) return `a ${String(statusCode)} that a request has caused`;
  if (statusCode !== 401 && signed === 'no') return `taken, and not signed by GitHub: ${String(statusCode)}`;
  if (statusCode === 401 && signed === 'yes' && sendable) return 'GitHub was refused';
  if (statusCode !== 200) {
    if (ended.length > 0) return `keys were ended for a ${String(statusCode)}: ${ended.join()}`;
    return statusCode === 400 && alertsIn(event) !== undefined && sendable
      ? 'alerts of GitHub were not understood'
      : undefined;
  }
  return alertsFault(alertsIn(event) ?? [], JSON.parse(body) as unknown, ended);
}

/** `maybe`: both responses are safe. */
function signedness(event: unknown): 'yes' | 'no' | 'maybe' {
  const headers = isObject(event) && isObject(event['headers']) ? Object.entries(event['headers']) : [];
  const valuesOf = (name: string) => headers.filter(([given]) => asciiLower(given) === name).map(([, value]) => value);
  const [ids, signatures] = [valuesOf(ID_HEADER), valuesOf(SIGNATURE_HEADER)];
  const all = headers.map(([, value]) => String(value));
  if (ids.length === 1 && signatures.length === 1) {
    if (ids[0] !== GITHUB_KEY_ID) return 'no';
    if (signatures[0] === SIGNATURES.byGitHub) return 'yes';
  }
  // Base64 is decoded leniently, and either of two headers may be used. One of them must have a valid signature.
  return all.includes(GITHUB_KEY_ID) && all.some((value) => value.includes(SIGNATURES.byGitHub)) ? 'maybe' : 'no';
}

interface Alert {
  readonly token: string;
  readonly type: string;
}

/** The alerts of a delivery that have a token. `undefined` if the body is not a JSON array. */
function alertsIn(event: unknown): readonly Alert[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(bodyOf(event).toString());
  } catch {
    return undefined;
  }
  return Array.isArray(list) ? list.flatMap(alertIn) : undefined;
}

/** The other fields may have any value. */
function alertIn(value: unknown): Alert[] {
  if (!isObject(value) || typeof value['token'] !== 'string') return [];
  const { token, type } = value;
  return [{ token, type: typeof type === 'string' ? type : '' }];
}

function alertsFault(alerts: readonly Alert[], feedback: unknown, ended: readonly string[]): string | undefined {
  if (!Array.isArray(feedback) || feedback.length !== alerts.length) return 'not one answer to each alert';
  for (const [index, { token, type }] of alerts.entries()) {
    const told = feedback[index] as Json;
    if (told['token_hash'] !== hash('sha256', token) || told['token_type'] !== type)
      return 'an answer to another alert';
    const wanted = worthOf(token);
    if (wanted !== undefined && told['label'] !== wanted) return `${String(told['label'])} for what is a ${wanted}`;
  }
  const tokens = new Set(alerts.map(({ token }) => token));
  const meant = alerts.flatMap(({ token }) => keyOf(token) ?? []);
  const strays = ended.filter((prefix) => !meant.some((key) => key.prefix === prefix));
  if (strays.length > 0) return `ended without having leaked: ${strays.join()}`;
  const spared = meant
    .filter(({ text, standing }) => tokens.has(text) && ['live', 'disabled', 'not begun'].includes(standing))
    .find(({ prefix }) => !ended.includes(prefix));
  return spared && `leaked, and goes on: ${spared.prefix}`;
}

const tail = (text: string) => text.slice(text.lastIndexOf('_'));
const keyOf = (token: string): IssuedKey | undefined =>
  ISSUED.find(({ text }) => text === token) ??
  // A scanner can report more text than the key.
  ISSUED.find(({ text, standing }) => standing !== 'foreign' && token.includes(text)) ??
  ISSUED.find(({ text, counts }) => counts === 'tail' && tail(text) === tail(token));

/** The expected feedback to GitHub. `undefined` if either is correct: an edited record, or other text with the same key. */
function worthOf(token: string): 'true_positive' | 'false_positive' | undefined {
  const key = keyOf(token);
  if (key === undefined || key.standing === 'foreign') return 'false_positive';
  return key.standing === 'damaged' || key.text !== token ? undefined : 'true_positive';
}
