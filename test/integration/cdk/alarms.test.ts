import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { Monitoring } from '../../../cdk/monitoring.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import { Usage } from '../../../cdk/usage.ts';
import { createAuthorizer as createCustomAuthorizer } from '../../../src/authorizer/custom/custom-authorizer.ts';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { emfReporter } from '../../../src/authorizer/report.ts';
import { newKey, type UnverifiedKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { INDEXES } from '../../../src/storage/table.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { only, testApp } from '../../support/cdk/synth.ts';

const MINUTE = 60_000;
const PERIOD = 5 * MINUTE;
const NOON = Date.UTC(2027, 0, 15, 12);
/** The time at which an alarm has read the data of noon. */
const SEEN = NOON + PERIOD;
/** The time from which no alarm reads the data of noon. */
const OVER = NOON + 8 * PERIOD;

let store: DynamoKeyStore;
beforeAll(async () => {
  store = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
});

const stack = new Stack(testApp(), 'Consumer');
const keys = new ApiKeys(stack, 'Keys', { label: LABEL, plans: { free: { rate: '1/s' } }, usagePlans: true });
const limits = new RateLimits(stack, 'Limits');
const usage = new Usage(stack, 'Usage', { keys });
usage.restAccessLog();
const events = new KeyEvents(stack, 'Events', { keys, limits });
const usagePlans = new UsagePlans(stack, 'UsagePlans', { keys, stages: [] });
const monitoring = new Monitoring(stack, 'Monitoring', { keys, limits, usage, events, usagePlans });
const template = Template.fromStack(stack);

/** Returns a CloudWatch with the alarms, and the functions that write to it. */
function account(options: ConstructorParameters<typeof CloudWatch>[1] = {}) {
  const cloudWatch = new CloudWatch(template, options);
  const functionName = cloudWatch.id('AWS::Lambda::Function', 'KeysAuthorizer');
  const logGroup = cloudWatch.id('AWS::Logs::LogGroup', 'KeysAuthorizerLog');
  /** Calls the authorizer at a time. Its log lines arrive `late` milliseconds later. */
  const call = async (
    at: number,
    event: Parameters<typeof restEvent>[0],
    reader: Pick<DynamoKeyStore, 'get'> = store,
    late = 0,
  ) => {
    const authorize = createKeyAuthorizer(
      { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, lastUsedIntervalSeconds: 0 },
      {
        keys: {
          get: reader.get.bind(reader),
          touch: store.touch.bind(store),
          replaceDigest: store.replaceDigest.bind(store),
        },
        report: emfReporter(
          (line) => {
            cloudWatch.log(logGroup, line, at, at + late);
          },
          () => at,
          functionName,
        ),
        now: () => at,
      },
    );
    await authorize(restEvent(event)).catch(() => undefined);
  };
  const state = (alarm: string, now = SEEN) => cloudWatch.state(`Monitoring${alarm}`, now);
  return { cloudWatch, functionName, logGroup, call, state };
}

/** A well-formed key whose secret doesn't match its record. */
async function damagedKey(): Promise<UnverifiedKey> {
  const key = newKey({ label: LABEL, randomBytes });
  await store.create(aRecord({ prefix: key.prefix }));
  return key;
}
const withKey = ({ text }: UnverifiedKey) => ({ headers: { 'X-Api-Key': text } });
const unavailable = { get: () => Promise.reject(new Error('DynamoDB is not available')) };

it('every alarm of the construct has a test in this file', () => {
  expect(monitoring.alarms.map(({ node }) => node.id).toSorted()).toEqual([
    'Announcer',
    'AuthorizerErrors',
    'AuthorizerThrottles',
    'DamagedKey',
    'Guessing',
    'LimitThrottles',
    'NotInStep',
    'Throttles',
    'Uncounted',
    'Unpublished',
    'UsageThrottles',
  ]);
});

it('docs/metrics.md lists every alarm with the metrics that it uses', () => {
  interface MetricOf {
    readonly Namespace: string;
    readonly MetricName: string;
  }
  interface AlarmOf extends Partial<MetricOf> {
    readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: MetricOf } }[];
  }
  const used = new Map(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => {
      const { Namespace, MetricName, Metrics = [] } = Properties as AlarmOf;
      const metrics = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
      if (Namespace !== undefined && MetricName !== undefined) metrics.push({ Namespace, MetricName });
      const names = metrics.flatMap((one) => [
        one.Namespace,
        one.MetricName.replace(/^Crashes-.*/, 'Crashes-<Monitoring>'),
      ]);
      return [id.replace(/^Monitoring|^Usage(?=UnreadableLines)|[0-9A-F]{8}$/g, ''), new Set(names)];
    }),
  );
  const [, table = ''] = readFileSync('docs/metrics.md', 'utf8').split('\n## Alarms\n');
  const rows = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (.+?) +\|/gm)];
  expect(rows.map(([, name]) => name).toSorted()).toEqual([...used.keys()].toSorted());
  for (const [, name = '', text = ''] of rows) {
    const listed = [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
    expect(new Set(listed.filter((word) => !['result', 'error'].includes(word))), name).toEqual(used.get(name));
  }
});

it.each([true, false])(
  'no alarm fires on the first day, with FILL creating data for metrics without data: %s',
  (fills) => {
    const { state } = account({ fillsMetricsWithoutData: fills });
    for (const { node } of monitoring.alarms) expect(state(node.id)).not.toBe('ALARM');
  },
);

describe('Guessing', () => {
  it('fires on twenty wrong secrets for one prefix within five minutes, and recovers', async () => {
    const { call, state } = account();
    const key = await damagedKey();
    for (let guess = 0; guess < 19; guess++) await call(NOON + guess, withKey(key));
    expect(state('Guessing')).toBe('OK');
    await call(NOON + 20, withKey(key));
    expect(state('Guessing')).toBe('ALARM');
    expect(state('Guessing', OVER)).toBe('OK');
  });

  it('does not fire on wrong secrets for many prefixes, unknown keys or malformed keys', async () => {
    const { call, state } = account();
    for (let prefix = 0; prefix < 25; prefix++) {
      await call(NOON + prefix, withKey(await damagedKey()));
      await call(NOON + prefix, withKey(newKey({ label: LABEL, randomBytes })));
      await call(NOON + prefix, { headers: { 'X-Api-Key': 'junk' } });
    }
    expect(state('Guessing')).toBe('OK');
    expect(state('DamagedKey', NOON + 15 * MINUTE)).toBe('OK');
  });
});

describe('DamagedKey', () => {
  it('fires for a client whose wrong key is denied from the authorizer cache most of the time', async () => {
    const { call, state } = account();
    const key = await damagedKey();
    let cachedUntil = 0;
    for (let at = NOON; at < NOON + 15 * MINUTE; at += 9000) {
      if (at < cachedUntil) continue;
      await call(at, withKey(key));
      cachedUntil = at + keys.cacheTtl.toMilliseconds();
    }
    expect(state('Guessing', NOON + 15 * MINUTE)).toBe('OK');
    expect(state('DamagedKey', NOON + 15 * MINUTE)).toBe('ALARM');
  });

  it('does not fire when a wrong key is tried twice', async () => {
    const { call, state } = account();
    const key = await damagedKey();
    await call(NOON, withKey(key));
    await call(NOON + 2 * MINUTE, withKey(key));
    expect(state('DamagedKey', NOON + 15 * MINUTE)).toBe('OK');
  });

  it('watches a longer time where API Gateway caches denials for longer', () => {
    const period = (cacheTtlMinutes: number) => {
      const other = new Stack(testApp(), 'Other');
      const otherKeys = new ApiKeys(other, 'Keys', { cacheTtl: Duration.minutes(cacheTtlMinutes) });
      new Monitoring(other, 'Monitoring', { keys: otherKeys });
      const { Metrics } = only(Template.fromStack(other), 'AWS::CloudWatch::Alarm', 'MonitoringDamagedKey') as {
        Metrics: { Period: number }[];
      };
      return Metrics[0]?.Period;
    };
    expect([period(0), period(1), period(60)]).toEqual([900, 900, 14_400]);
  });
});

describe('AuthorizerErrors', () => {
  /** Lines as Lambda writes them, from its documentation and from public reports. */
  const crashes = [
    '2027-01-15T12:00:00.000Z 4fb1a8b6-599d-11e8-a437-911ac44bc0b4 Task timed out after 5.00 seconds\n\n',
    'RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4 Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n',
    'RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4 Error: Runtime exited without providing a reason\nRuntime.ExitError\n',
    'RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4 Process exited before completing request\n\n',
    'INIT_REPORT Init Duration: 206.72 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n',
    'INIT_REPORT Init Duration: 10008.11 ms\tPhase: init\tStatus: timeout\n',
    'REPORT RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4\tDuration: 5000.00 ms\tBilled Duration: 5000 ms\tMemory Size: 512 MB\tMax Memory Used: 10 MB\tStatus: timeout\n',
    'REPORT RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4\tDuration: 11.48 ms\tBilled Duration: 12 ms\tMemory Size: 512 MB\tMax Memory Used: 10 MB\tStatus: error\tError Type: Runtime.ExitError\n',
  ];
  it.each(crashes)('fires when Lambda writes %j', (line) => {
    const { cloudWatch, logGroup, state } = account();
    cloudWatch.log(logGroup, line, NOON);
    expect(state('AuthorizerErrors')).toBe('ALARM');
    expect(state('AuthorizerErrors', OVER)).toBe('OK');
  });

  it.each([
    'INIT_START Runtime Version: nodejs:24.v10\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:0c\n',
    'START RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4 Version: $LATEST\n',
    'END RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4\n',
    'REPORT RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4\tDuration: 3.13 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 80 MB\tInit Duration: 158.75 ms\n',
    // A rejected request: the handler throws `Unauthorized`.
    'REPORT RequestId: 4fb1a8b6-599d-11e8-a437-911ac44bc0b4\tDuration: 3.13 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 80 MB\tStatus: error\tError Type: Runtime.Unknown\n',
    '2027-01-15T12:00:00.000Z\t4fb1a8b6-599d-11e8-a437-911ac44bc0b4\tERROR\tInvoke Error \t{"errorType":"Unauthorized","errorMessage":"Unauthorized","stack":["Unauthorized: Unauthorized"]}\n',
  ])('does not fire when Lambda writes %j', (line) => {
    const { cloudWatch, logGroup, state } = account();
    cloudWatch.log(logGroup, line, NOON);
    expect(state('AuthorizerErrors')).toBe('OK');
  });

  it('does not fire on anything that a caller can put into the lines of the authorizer', async () => {
    const { cloudWatch, logGroup, call, state } = account();
    for (const line of ['Runtime.x', 'Task timed out', 'Runtime.ExitError', ...crashes]) {
      const texts = [
        line,
        line.trim(),
        line.replaceAll(' ', '%20'),
        `\n${line}`,
        `"}\n${line}`,
        `\r${line}\u2028${line}`,
      ];
      for (const text of texts) {
        await call(NOON, { call: `GET /${text}`, headers: { 'X-Api-Key': 'junk' } });
        await call(NOON, { call: `${text.replaceAll(' ', '\t')} /x`, headers: { 'X-Api-Key': text } });
        await call(NOON, { call: `GET /${text}`, ...withKey(await damagedKey()) });
        // A console line of a custom authorizer. Lambda adds the time, the request ID and the level before it.
        cloudWatch.log(logGroup, `2027-01-15T12:00:00.000Z\t4fb1a8b6-599d-11e8\tINFO\t${text}`, NOON);
      }
    }
    expect(state('AuthorizerErrors')).toBe('OK');
  });

  it.each([true, false])(
    'fires when a decision fails, with FILL creating data for metrics without data: %s',
    async (fills) => {
      const { call, state } = account({ fillsMetricsWithoutData: fills });
      await call(NOON, withKey(await damagedKey()), unavailable);
      expect(state('AuthorizerErrors')).toBe('ALARM');
    },
  );

  it('fires when the metric arrives nine minutes late', async () => {
    const { call, state } = account();
    await call(NOON, withKey(await damagedKey()), unavailable, 9 * MINUTE);
    expect(state('AuthorizerErrors', NOON + 8 * MINUTE)).toBe('OK');
    expect(state('AuthorizerErrors', NOON + 10 * MINUTE)).toBe('ALARM');
  });

  it('fires for a custom authorizer that cannot start because its environment is incomplete', async () => {
    for (const environment of [{}, { LATCHKEY_TABLE: 'table' }, { LATCHKEY_SETTINGS: `{"label":"${LABEL}"}` }]) {
      const { cloudWatch, functionName, logGroup, state } = account();
      const authorize = createCustomAuthorizer(
        {},
        {
          environment: { ...environment, AWS_LAMBDA_FUNCTION_NAME: functionName },
          write: (line) => {
            cloudWatch.log(logGroup, line, NOON);
            expect((JSON.parse(line) as { label?: string }).label).toBe(
              'LATCHKEY_SETTINGS' in environment ? LABEL : undefined,
            );
          },
          now: () => NOON,
        },
      );
      await expect(authorize(restEvent(withKey(newKey({ label: LABEL, randomBytes }))))).rejects.toThrow();
      expect(state('AuthorizerErrors')).toBe('ALARM');
    }
  });

  it('does not fire for another deployment with the same label', async () => {
    const { cloudWatch, logGroup, state } = account();
    const report = emfReporter(
      (line) => {
        cloudWatch.log(logGroup, line, NOON);
      },
      () => NOON,
      'Other-KeysAuthorizer',
    );
    report({ result: 'error', label: LABEL, durationMs: 1 });
    await Promise.resolve();
    expect(state('AuthorizerErrors')).toBe('OK');
  });
});

describe('AuthorizerThrottles', () => {
  it('fires when Lambda throttles the authorizer, and not when it throttles another function', () => {
    const { cloudWatch, functionName, state } = account();
    cloudWatch.put('AWS/Lambda', 'Throttles', { FunctionName: 'other' }, 1, NOON);
    cloudWatch.put('AWS/Lambda', 'Throttles', { FunctionName: functionName }, 0, NOON);
    expect(state('AuthorizerThrottles')).toBe('OK');
    cloudWatch.put('AWS/Lambda', 'Throttles', { FunctionName: functionName }, 1, NOON);
    expect(state('AuthorizerThrottles')).toBe('ALARM');
  });
});

describe('Throttles, LimitThrottles and UsageThrottles', () => {
  const tables = { Throttles: 'KeysTable', LimitThrottles: 'LimitsTable', UsageThrottles: 'UsageTable' };

  it.each(Object.entries(tables))('%s fires on throttled reads or writes of its table alone', (alarm, table) => {
    for (const metric of ['ReadThrottleEvents', 'WriteThrottleEvents']) {
      const { cloudWatch, state } = account();
      const TableName = cloudWatch.id('AWS::DynamoDB::GlobalTable', table);
      cloudWatch.put('AWS/DynamoDB', metric, { TableName }, 3, NOON);
      for (const one of Object.keys(tables)) expect(state(one)).toBe(one === alarm ? 'ALARM' : 'OK');
    }
  });

  it.each(INDEXES.map(({ name }) => name))('Throttles fires when the index %s is throttled', (index) => {
    for (const metric of ['ReadThrottleEvents', 'WriteThrottleEvents']) {
      const { cloudWatch, state } = account();
      const TableName = cloudWatch.id('AWS::DynamoDB::GlobalTable', 'KeysTable');
      cloudWatch.put('AWS/DynamoDB', metric, { TableName, GlobalSecondaryIndexName: index }, 1, NOON);
      expect(state('Throttles')).toBe('ALARM');
    }
  });
});

describe('Uncounted, Unpublished and NotInStep', () => {
  const queues = { Uncounted: 'UsageUncounted', Unpublished: 'EventsUnpublished', NotInStep: 'UsagePlansNotInStep' };

  it.each(Object.entries(queues))(
    '%s fires while its queue has a message, and not while it is empty',
    (alarm, queue) => {
      const { cloudWatch, state } = account();
      const QueueName = `${cloudWatch.id('AWS::SQS::Queue', queue)}.QueueName`;
      const messages = (count: number, at: number) => {
        cloudWatch.put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, count, at);
      };
      messages(0, NOON);
      expect(state(alarm)).toBe('OK');
      messages(1, NOON + PERIOD);
      expect(state(alarm, SEEN + PERIOD)).toBe('ALARM');
      for (let at = NOON + 2 * PERIOD; at < OVER; at += PERIOD) messages(0, at);
      expect(state(alarm, OVER)).toBe('OK');
    },
  );
});

describe('Announcer', () => {
  function runs(...failed: (boolean | undefined)[]) {
    const { cloudWatch, state } = account();
    const dimensions = { FunctionName: cloudWatch.id('AWS::Lambda::Function', 'EventsAnnouncer') };
    failed.forEach((hasFailed, index) => {
      if (hasFailed === undefined) return;
      cloudWatch.put('AWS/Lambda', 'Invocations', dimensions, 1, NOON + index * PERIOD);
      cloudWatch.put('AWS/Lambda', 'Errors', dimensions, hasFailed ? 1 : 0, NOON + index * PERIOD);
    });
    return state('Announcer', NOON + failed.length * PERIOD);
  }

  it('fires when three runs in a row fail, and not when the third succeeds', () => {
    expect(runs(false, true, true, true)).toBe('ALARM');
    expect(runs(false, true, true, false)).toBe('OK');
  });

  it('notifies when the function stops running, and not before its first run', () => {
    expect(runs()).toBe('INSUFFICIENT_DATA');
    expect(runs(false)).toBe('OK');
    expect(runs(false, undefined, undefined, undefined, undefined, undefined)).toBe('INSUFFICIENT_DATA');
    const action = { bind: () => ({ alarmActionArn: 'arn:aws:sns:us-east-1:123456789012:topic' }) };
    const other = new Stack(testApp(), 'Other');
    const otherKeys = new ApiKeys(other, 'Keys');
    const otherEvents = new KeyEvents(other, 'Events', { keys: otherKeys });
    new Monitoring(other, 'Monitoring', { keys: otherKeys, events: otherEvents, alarmActions: [action] });
    const notified = ['arn:aws:sns:us-east-1:123456789012:topic'];
    expect(only(Template.fromStack(other), 'AWS::CloudWatch::Alarm', 'MonitoringAnnouncer')).toMatchObject({
      AlarmActions: notified,
      InsufficientDataActions: notified,
    });
  });
});
