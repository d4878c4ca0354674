import { randomBytes } from 'node:crypto';
import { beforeAll, inject, it, vi } from 'vitest';
import { digestOf } from '../../functions/domain/digest.ts';
import { newKey } from '../../functions/domain/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, DEFAULT_MANAGEMENT_SETTINGS } from '../../functions/domain/settings.ts';
import { DynamoKeyStore } from '../../functions/store/dynamo.ts';
import type { Outcome } from '../../local/lambda/environment.ts';
import { restEvent } from '../authorize/events.ts';
import { builtFunction } from '../bundle/built-function.ts';
import { aRecord, LABEL } from '../store/records.ts';
import { testTable } from '../store/test-table.ts';
import { FAULTS, type Fault } from './faults.ts';
import { faultyLink, type FaultyLink } from './faulty-link.ts';

/** A function's own time, as the construct sets it. What is later than this was no answer of its own. */
const TIMEOUT_MS = { authorizer: 5000, management: 29_000 };

/** What a management function logs. */
const FAILED = /"level":"ERROR".*"message":"failed".*"error":\{.*"name":"\w+/;

/** Sooner than by default, so that the test need not wait. */
const AUTHORIZER = { ...DEFAULT_AUTHORIZER_SETTINGS, lookupTimeoutMs: 600 };

const good = newKey({ label: LABEL, randomBytes });
const forged = newKey({ label: LABEL, randomBytes, prefix: good.prefix });
const proxyEvent = (method: string, input: object, prefix?: string) => ({
  requestContext: { httpMethod: method },
  body: method === 'GET' ? null : JSON.stringify(input),
  pathParameters: prefix === undefined ? null : { prefix },
});

interface Entry {
  readonly name: string;
  /** One that is answered well when all is well. */
  readonly event: object;
  /** One that is let in never. */
  readonly forged?: object;
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'authorizer',
    event: restEvent({ headers: { 'x-api-key': good.text } }),
    forged: restEvent({ headers: { 'x-api-key': forged.text } }),
  },
  {
    name: 'verify-key',
    event: proxyEvent('POST', { key: good.text }),
    forged: proxyEvent('POST', { key: forged.text }),
  },
  { name: 'get-key', event: proxyEvent('GET', {}, good.prefix) },
  { name: 'list-keys', event: proxyEvent('GET', {}) },
  { name: 'create-key', event: proxyEvent('POST', { name: 'new' }) },
  { name: 'update-key', event: proxyEvent('PATCH', { name: 'other' }, good.prefix) },
];

const isIn = (outcome: Outcome) => outcome.ok && /"Effect":"Allow"|\\"valid\\":true/.test(outcome.payload);
const isWell = (outcome: Outcome) => isIn(outcome) || (outcome.ok && /"statusCode":20[01]/.test(outcome.payload));

/** @returns what went wrong while the fault was there, and after; nothing, if nothing did */
async function suffer(fault: Fault, { name, event, forged: wrong }: Entry, stage: Stage): Promise<string[]> {
  const { link, lines, call } = stage;
  const problems: string[] = [];
  lines.length = 0;
  if (fault.behaviour === undefined) await link.close();
  else link.break(fault.behaviour);

  const says = name === 'authorizer' ? fault.says : fault.fools === undefined && fault.says ? FAILED : undefined;
  const outcomes = await Promise.all((wrong === undefined ? [event] : [event, wrong]).map(call));
  for (const outcome of outcomes) {
    if (isIn(outcome)) problems.push('somebody was let in');
    if (says !== undefined && isWell(outcome)) problems.push('answered as if all were well');
    if (!outcome.ok && /^(?:Runtime|Sandbox)\./.test(outcome.error.errorType))
      problems.push(`no answer of its own, but ${outcome.error.errorType}`);
  }
  // A line comes a moment after its answer.
  const isSaid = () => says === undefined || lines.some((line) => says.test(line));
  await vi
    .waitUntil(isSaid, { timeout: 2000 })
    .catch(() => problems.push(`the log does not say why: ${lines.join('; ')}`));
  if (lines.join().includes(good.text)) problems.push('the log has the key');

  await link.heal();
  if (!isWell(await call(event))) problems.push('no recovery');
  if (wrong !== undefined && isIn(await call(wrong))) problems.push('somebody was let in after it');
  return problems;
}

interface Stage {
  readonly link: FaultyLink;
  /** What the function has logged. */
  readonly lines: string[];
  readonly call: (event: object) => Promise<Outcome>;
}

let tableName: string;
beforeAll(async () => {
  const table = await testTable();
  ({ tableName } = table);
  const keys = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  await keys.create(aRecord({ prefix: good.prefix, digest: digestOf(good.text) }));
});

it.concurrent.for(ENTRIES)(
  `$name goes through ${String(FAULTS.length)} faults in one environment, lets nobody in, and is well again after each`,
  { timeout: 240_000 },
  async (entry, { expect, onTestFinished }) => {
    const { name, event } = entry;
    const link = await faultyLink(inject('dynamodbEndpoint'));
    const lines: string[] = [];
    const under = builtFunction({
      ...{
        name,
        tableName,
        endpoint: link.endpoint,
        timeoutMs: TIMEOUT_MS[name === 'authorizer' ? name : 'management'],
      },
      settings: { ...(name === 'authorizer' ? AUTHORIZER : DEFAULT_MANAGEMENT_SETTINGS), label: LABEL },
      log: (_function, line) => lines.push(line),
    });
    const call = (one: object) => under.invoke(JSON.stringify(one));
    onTestFinished(async () => {
      await under.stop();
      await link.stop();
    });

    expect(isWell(await call(event)), 'before any fault').toBe(true);
    const found: Record<string, string[]> = {};
    for (const fault of FAULTS) {
      const problems = await suffer(fault, entry, { link, lines, call });
      if (problems.length > 0) found[fault.name] = problems;
    }
    expect(found).toEqual({});
  },
);
