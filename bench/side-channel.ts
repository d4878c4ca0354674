/**
 * Measures whether response times reveal that a prefix exists: `npm run bench:side-channel`.
 *
 * The method is dudect's (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?"): classes of input in random
 * order, without the slowest tenth, compared by Welch's t-test. A control pair of two equal classes shows the noise.
 * docs/testing.md has the results.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import { decide } from '../src/core/decision/decision.ts';
import { digestOf } from '../src/core/keys/digest.ts';
import { newKey, type UnverifiedKey } from '../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, toEnvironment } from '../src/gateway/settings.ts';
import { toItem } from '../src/storage/item.ts';
import { CREDENTIALS, REGION } from '../local/account.ts';
import { startDynamoDbLocal } from '../local/dynamodb-local.ts';
import { restEvent } from './events.ts';
import { fillTable, LABEL } from './keys.ts';
import { table } from './table.ts';

/** The value above which dudect considers a difference real. */
const SIGNIFICANT_T = 4.5;
const KEPT = 0.9;
const WARM_UP = 1500;

const CLASSES = ['unknown', 'unknown, again', 'wrong secret'] as const;
type Class = (typeof CLASSES)[number];
type Samples = Record<Class, number[]>;

const { values } = parseArgs({ options: { samples: { type: 'string', default: '5000' } } });
const perClass = Number(values.samples);

/** One call of a class, prepared in advance, so that only the measured part is timed. */
type Prepare = (of: Class) => () => unknown;

/** Times calls. The class of each call is random, so it depends neither on its position nor on the previous call. */
async function measure(prepare: Prepare): Promise<Samples> {
  const samples: Samples = { unknown: [], 'unknown, again': [], 'wrong secret': [] };
  for (let call = -WARM_UP; call < perClass * CLASSES.length; call++) {
    const one = CLASSES[randomInt(CLASSES.length)] ?? 'unknown';
    const act = prepare(one);
    const started = process.hrtime.bigint();
    const pending = act();
    if (pending instanceof Promise) await pending;
    if (call >= 0) samples[one].push(Number(process.hrtime.bigint() - started) / 1000);
  }
  return samples;
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

function momentsOf(samples: readonly number[], limit: number): Moments {
  const kept = samples.filter((sample) => sample <= limit);
  const mean = kept.reduce((sum, sample) => sum + sample, 0) / kept.length;
  const variance = kept.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
}

/** Returns one row: the difference of two classes, in µs and by Welch's t. Both are cropped at the same limit, because cropping could hide a difference. */
function compare(what: string, one: readonly number[], other: readonly number[]): string[] {
  const limit = [...one, ...other].toSorted((left, right) => left - right)[
    Math.floor((one.length + other.length) * KEPT)
  ];
  const [a, b] = [momentsOf(one, limit ?? Infinity), momentsOf(other, limit ?? Infinity)];
  const t = (b.mean - a.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
  const spread = Math.sqrt((a.variance + b.variance) / 2);
  return [
    what,
    a.mean.toFixed(2),
    (b.mean - a.mean).toFixed(2),
    spread.toFixed(2),
    t.toFixed(1),
    Math.abs(t) < SIGNIFICANT_T ? 'no' : 'yes',
  ];
}

function rowsOf(what: string, samples: Samples): string[][] {
  return [
    compare(`${what}: control pair`, samples.unknown, samples['unknown, again']),
    compare(`${what}: unknown prefix, wrong secret`, samples.unknown, samples['wrong secret']),
  ];
}

/** A server that responds like DynamoDB, immediately, and with the same number of bytes whether or not there is an item. So any difference comes from the authorizer. */
async function evenDynamoDb(
  item: string,
  knows: (prefix: string) => boolean,
): Promise<{ url: string; stop: () => void }> {
  const nothing = '{}'.padEnd(item.length);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Key } = JSON.parse(body) as { Key: { prefix: { S: string } } };
      response.end(knows(Key.prefix.S) ? item : nothing);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

let loaded = 0;
/** Loads the built authorizer in this process. Each call returns a new instance. */
async function authorizerAt(endpoint: string, tableName: string): Promise<(event: object) => Promise<unknown>> {
  Object.assign(process.env, toEnvironment(tableName, { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL }), {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  });
  const bundle = new URL(`../dist/functions/authorizer/index.mjs?${String(++loaded)}`, import.meta.url);
  const { handler } = (await import(bundle.href)) as { handler: (event: object) => Promise<unknown> };
  return handler;
}

const dynamodb = await startDynamoDbLocal();
try {
  const { tableName, samples: known } = await fillTable(dynamodb.endpoint, 1000);
  const prefixOf = (key: string) => key.slice(LABEL.length + 1, LABEL.length + 13);
  /** A key that was never sent before, because something of a repeated key could be cached. */
  const keyOf = (one: Class): UnverifiedKey => {
    const prefix = prefixOf(known[randomInt(known.length)] ?? '');
    return newKey({ label: LABEL, randomBytes, ...(one === 'wrong secret' && { prefix }) });
  };

  const stored = {
    ...{ prefix: 'abcdefghijkl', label: LABEL, digest: digestOf('another'), name: 'a key', ownerId: 'owner-1' },
    ...{ scopes: ['GET /orders/*'], metadata: { plan: 'pro', seats: 5 }, createdAt: 1, version: 1 },
  };
  const decision = await measure((one) => {
    const [record, key] = [one === 'wrong secret' ? stored : undefined, keyOf(one)];
    return () => decide({ record, key, now: 2 });
  });

  const item = JSON.stringify({ Item: marshall(toItem(stored, 0), { removeUndefinedValues: true }) });
  const knownPrefixes = new Set(known.map(prefixOf));
  const even = await evenDynamoDb(item, (prefix) => knownPrefixes.has(prefix));
  const [alone, handler] = [await authorizerAt(even.url, tableName), await authorizerAt(dynamodb.endpoint, tableName)];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  const calls =
    (authorize: (event: object) => Promise<unknown>): Prepare =>
    (one) => {
      const event = restEvent(keyOf(one).text);
      return () => authorize(event);
    };
  const own = await measure(calls(alone));
  const whole = await measure(calls(handler));
  process.stdout.write = write;
  even.stop();

  const head = [
    '',
    'mean, µs',
    'difference, µs',
    'spread of one call, µs',
    "Welch's t",
    `|t| ≥ ${String(SIGNIFICANT_T)}`,
  ];
  console.log(
    table(head, [
      ...rowsOf('decision', decision),
      ...rowsOf('authorizer, responses of one length', own),
      ...rowsOf('authorizer, DynamoDB Local', whole),
    ]),
  );
  console.log(`\n${String(perClass)} calls of each class on average, in random order, without the slowest tenth.`);
} finally {
  await dynamodb.stop();
}
