import type { SecretScanningSettings } from '../domain/settings.ts';
import type { KeyStore } from '../store/key-store.ts';
import { alertsSchema, feedbackOn, handleAlert, type Alert, type Leak } from './alerts.ts';
import type { GitHubKeys } from './github-keys.ts';
import { isSigned } from './signature.ts';

/** The parts of a proxy event, payload 1.0 or 2.0, that are read here. */
export interface AlertEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

export interface AlertAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AlertDependencies {
  readonly keys: Pick<KeyStore, 'get' | 'revoke'>;
  readonly gitHubKeys: Pick<GitHubKeys, 'find'>;
  /** Has API Gateway forget what it has cached of keys. It sees to its own failures: the revocation stands already. */
  readonly flushCaches: () => Promise<unknown>;
  /** Notes what was done, for the audit log. */
  readonly note: (leak: Leak | { readonly outcome: 'unsigned' }) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/** How many tokens are looked at at a time: GitHub may send many, and waits half a minute. */
const AT_A_TIME = 10;

/**
 * Answers GitHub's secret-scanning alerts: 200 with what each token was worth, 401 for what GitHub has not
 * signed, 400 for what it has signed and we do not understand. An outage throws, and GitHub tries again.
 */
export function createAlertHandler(
  settings: SecretScanningSettings,
  { keys, gitHubKeys, flushCaches, note, now = Date.now }: AlertDependencies,
): (event: AlertEvent) => Promise<AlertAnswer> {
  return async (event) => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8');
    if (!(await isFromGitHub(event, body, gitHubKeys))) {
      note({ outcome: 'unsigned' });
      return answer(401, { error: { code: 'unsigned', message: 'Only GitHub may report here.' } });
    }
    const alerts = alertsSchema.safeParse(parseJson(body));
    if (!alerts.success) return answer(400, { error: { code: 'invalid_input', message: 'Not a list of alerts.' } });

    const judged: { readonly alert: Alert; readonly leak: Leak }[] = [];
    for (let start = 0; start < alerts.data.length; start += AT_A_TIME)
      judged.push(...(await Promise.all(alerts.data.slice(start, start + AT_A_TIME).map(handle))));
    // One that had ended as well: it may be this alert that ended it, delivered before and cut short.
    if (judged.some(({ leak }) => leak.outcome === 'revoked' || leak.outcome === 'ended')) await flushCaches();
    return answer(
      200,
      judged.map(({ alert, leak }) => feedbackOn(alert, leak)),
    );
  };

  async function handle(alert: Alert): Promise<{ alert: Alert; leak: Leak }> {
    const leak = await handleAlert(alert, { keys, settings, now: now() });
    note(leak);
    return { alert, leak };
  }
}

async function isFromGitHub(
  { headers }: AlertEvent,
  body: Buffer,
  gitHubKeys: Pick<GitHubKeys, 'find'>,
): Promise<boolean> {
  // Not by lower case: a letter that only turns into a k there would name another header.
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

function answer(statusCode: number, body: object): AlertAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
