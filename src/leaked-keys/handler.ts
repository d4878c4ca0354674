import type { SecretScanningSettings } from '../gateway/settings.ts';
import type { KeyStore } from '../storage/key-store.ts';
import { feedbackOn, handleAlert, readAlert, type Alert, type Leak } from './alerts.ts';
import type { GitHubKeys } from './github-keys.ts';
import { isSigned } from './signature.ts';

/** The parts of a proxy event, payload 1.0 or 2.0, that are read here. */
export interface AlertEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

export interface AlertResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the handler reads of Lambda's context. */
export interface AlertInvocation {
  getRemainingTimeInMillis(): number;
}

/** An alert that could not be handled, for the audit log. */
interface AlertProblem {
  /** `unsigned`: GitHub has not signed the request. `unreadable`: the alert holds no token. `failed`: see `error`. */
  readonly outcome: 'unsigned' | 'unreadable' | 'failed';
  readonly error?: string;
}

export interface AlertDependencies {
  readonly keys: Pick<KeyStore, 'get' | 'revoke'>;
  readonly gitHubKeys: Pick<GitHubKeys, 'find'>;
  /**
   * Flushes the authorizer caches within this time, in milliseconds. It never rejects: a revocation stays, whether or not
   * the flush succeeds.
   */
  readonly flushCaches: (remainingMs: number) => Promise<unknown>;
  /** Writes a line of the audit log. */
  readonly note: (entry: Leak | AlertProblem) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/** How many alerts are handled at a time. GitHub can send many, and waits 30 seconds. */
const AT_A_TIME = 10;

/** An alert and its outcome. */
interface Handled {
  readonly alert: Alert;
  readonly leak: Leak;
}

/**
 * Handles GitHub's secret scanning alerts. It returns 200 with feedback on each token, 401 for a request that GitHub has
 * not signed, and 400 for a body that is not an array.
 *
 * Each alert is handled separately: an alert that fails does not stop the others.
 *
 * @throws {AggregateError} after all alerts, if some of them failed. API Gateway then returns an error, and GitHub sends
 * the alerts again.
 */
export function createAlertHandler(
  settings: SecretScanningSettings,
  { keys, gitHubKeys, flushCaches, note, now = Date.now }: AlertDependencies,
): (event: AlertEvent, invocation: AlertInvocation) => Promise<AlertResponse> {
  return async (event, invocation) => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8');
    if (!(await isFromGitHub(event, body, gitHubKeys))) {
      note({ outcome: 'unsigned' });
      return response(401, { error: { code: 'unsigned', message: 'Only GitHub can send alerts.' } });
    }
    const elements = parseJson(body);
    if (!Array.isArray(elements))
      return response(400, { error: { code: 'invalid_input', message: 'The body must be a JSON array of alerts.' } });

    const handled: Handled[] = [];
    const failures: unknown[] = [];
    for (let start = 0; start < elements.length; start += AT_A_TIME) {
      const batch = elements.slice(start, start + AT_A_TIME).map(handle);
      for (const result of await Promise.allSettled(batch)) {
        if (result.status === 'rejected') failures.push(result.reason);
        else if (result.value !== undefined) handled.push(result.value);
      }
    }
    // Also for a key that was revoked before: an earlier delivery of this alert may have been cut short.
    if (handled.some(({ leak }) => leak.outcome === 'revoked' || leak.outcome === 'ended'))
      await flushCaches(invocation.getRemainingTimeInMillis());
    if (failures.length > 0)
      throw new AggregateError(failures, `${String(failures.length)} of ${String(elements.length)} alerts failed`);
    return response(
      200,
      handled.map(({ alert, leak }) => feedbackOn(alert, leak)),
    );
  };

  async function handle(element: unknown): Promise<Handled | undefined> {
    const alert = readAlert(element);
    if (alert === undefined) {
      note({ outcome: 'unreadable' });
      return undefined;
    }
    try {
      const leak = await handleAlert(alert, { keys, settings, now: now() });
      note(leak);
      return { alert, leak };
    } catch (error) {
      note({ outcome: 'failed', error: String(error) });
      throw error;
    }
  }
}

async function isFromGitHub(
  { headers }: AlertEvent,
  body: Buffer,
  gitHubKeys: Pick<GitHubKeys, 'find'>,
): Promise<boolean> {
  // Not by `toLowerCase()`, which turns the Kelvin sign into a k, so that another header would match.
  const valueOf = (wanted: RegExp) => Object.entries(headers ?? {}).find(([name]) => wanted.test(name))?.[1];
  const id = valueOf(/^github-public-key-identifier$/i);
  const signature = valueOf(/^github-public-key-signature$/i);
  if (id === undefined || signature === undefined) return false;
  const key = await gitHubKeys.find(id);
  return key !== undefined && isSigned(body, key, signature);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function response(statusCode: number, body: object): AlertResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
