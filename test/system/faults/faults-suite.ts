import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, inject, it, vi } from 'vitest';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { LIMITS_TABLE_VARIABLE } from '../../../src/rate-limit/limits-table.ts';
import type { Outcome } from '../../../local/lambda/environment.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { builtFunction } from '../../support/bundles/built-function.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testLimitsTable, testTable } from '../../support/storage/test-table.ts';
import { FAULTS, REFUSED, type Fault } from './faults.ts';
import { HTTP_ALIAS } from '../../../src/management/http-alias.ts';
import { faultyLink, type FaultyLink } from './faulty-link.ts';

/** The timeout that the construct sets. A later response does not come from the function itself. */
const TIMEOUT_MS = { authorizer: 5000, management: 29_000 };

/** A log line of a management function. */
const FAILED = /"level":"ERROR".*"message":"failed".*"error":\{.*"name":"\w+/;

/** Shorter than the default, so that the test runs faster. */
const AUTHORIZER = { ...DEFAULT_AUTHORIZER_SETTINGS, lookupTimeoutMs: 1000, ownerSuspension: true };

const good = newKey({ label: LABEL, randomBytes });
const forged = newKey({ label: LABEL, randomBytes, prefix: good.prefix });
/** Deployments with owner suspension. One owner is suspended. */
const [owned, suspended] = [newKey({ label: LABEL, randomBytes }), newKey({ label: LABEL, randomBytes })];
const limited = newKey({ label: LABEL, randomBytes });
const proxyEvent = (method: string, input: object, prefix?: string) => ({
  requestContext: { httpMethod: method },
  body: method === 'GET' ? null : JSON.stringify(input),
  pathParameters: prefix === undefined ? null : { prefix },
});

interface Entry {
  readonly what: string;
  /** Its entry file in `functions/`, without the extension. */
  readonly name: string;
  /** An input that succeeds when DynamoDB works. Some revoke their key. */
  readonly event: () => object | Promise<object>;
  /** An input that is always rejected. */
  readonly forged?: object;
  /** Which DynamoDB requests the faults apply to. @default all */
  readonly only?: (body: string) => boolean;
  /** The faults to test. @default all */
  readonly meets?: (fault: Fault) => boolean;
  /** What the log must contain. `undefined` if the function may treat the response as valid. */
  readonly says: (fault: Fault) => RegExp | undefined;
}

const authorizerEvent = ({ text }: { text: string }) => restEvent({ headers: { 'x-api-key': text } });
const isReadOfOwner = (body: string) => body.includes('"owner#');
const isCount = (body: string) => body.includes('UpdateExpression') && body.includes('fullAt');
/** Functions that use the SDK. A response that is valid for one management function may be invalid for another. */
const isNone = ({ says, fools }: Fault) => says !== undefined && fools === undefined;
const byAuthorizer = ({ says = REFUSED }: Fault) => says;
const byManagement = (fault: Fault) => (isNone(fault) ? FAILED : undefined);

const ENTRIES: readonly Entry[] = [
  {
    ...{ what: 'the authorizer', name: 'authorizer' },
    event: () => authorizerEvent(good),
    forged: authorizerEvent(forged),
    says: byAuthorizer,
  },
  {
    ...{ what: "the authorizer's read of an owner", name: 'authorizer', only: isReadOfOwner },
    event: () => authorizerEvent(owned),
    forged: authorizerEvent(suspended),
    meets: ({ behaviour, clearsAnOwner }) => behaviour !== undefined && clearsAnOwner !== true,
    says: byAuthorizer,
  },
  {
    ...{ what: "the authorizer's count", name: 'limiting-authorizer', only: isCount },
    event: () => authorizerEvent(limited),
    meets: (fault) => fault.behaviour !== undefined && isNone(fault),
    says: () => /"result":"error"/,
  },
  {
    ...{ what: 'verify', name: 'verify-key' },
    event: () => proxyEvent('POST', { key: good.text }),
    forged: proxyEvent('POST', { key: forged.text }),
    says: byManagement,
  },
  { what: 'get', name: 'get-key', event: () => proxyEvent('GET', {}, good.prefix), says: byManagement },
  { what: 'list', name: 'list-keys', event: () => proxyEvent('GET', {}), says: byManagement },
  { what: 'create', name: 'create-key', event: () => proxyEvent('POST', { name: 'new' }), says: byManagement },
  {
    what: 'update',
    name: 'update-key',
    event: () => proxyEvent('PATCH', { name: 'other' }, good.prefix),
    says: byManagement,
  },
  {
    what: 'rotate',
    name: 'rotate-key',
    event: async () => proxyEvent('POST', {}, await freshPrefix()),
    says: byManagement,
  },
  {
    what: 'revoke',
    name: 'revoke-key',
    event: async () => proxyEvent('POST', {}, await freshPrefix()),
    says: byManagement,
  },
];

const isIn = (outcome: Outcome) => outcome.ok && /"Effect":"Allow"|\\"valid\\":true/.test(outcome.payload);
const isWell = (outcome: Outcome) => isIn(outcome) || (outcome.ok && /"statusCode":20[01]/.test(outcome.payload));

/** The runtime stopped the environment: the function returned nothing, and the next call starts a new environment. */
const isEnd = (outcome: Outcome) => !outcome.ok && /^(?:Runtime|Sandbox)\./.test(outcome.error.errorType);

/** @returns the problems during and after the fault; empty if there were none */
async function suffer(fault: Fault, { event, forged: wrong, only, ...entry }: Entry, stage: Stage): Promise<string[]> {
  const { link, lines, call } = stage;
  const problems: string[] = [];
  lines.length = 0;
  if (fault.behaviour === undefined) await link.close();
  else link.break(fault.behaviour, only);

  const says = entry.says(fault);
  const events = [await event(), ...(wrong === undefined ? [] : [wrong])];
  const outcomes = await Promise.all(events.map(call));
  for (const outcome of outcomes) {
    if (isIn(outcome)) problems.push('an invalid request was allowed');
    if (says !== undefined && isWell(outcome)) problems.push('the response does not show the fault');
    if (isEnd(outcome)) problems.push(`the environment stopped: ${JSON.stringify(outcome)}`);
  }
  // A log line arrives shortly after the response.
  const isSaid = () => says === undefined || lines.filter((line) => says.test(line)).length >= outcomes.length;
  await vi
    .waitUntil(isSaid, { timeout: 10_000 })
    .catch(() => problems.push(`the log does not say why: ${lines.join('; ')}`));
  if ([good, owned, suspended, limited].some(({ text }) => lines.join().includes(text)))
    problems.push('the log has the key');

  await link.heal();
  if (!(await isWellSoon(stage, event))) problems.push('no recovery');
  if (wrong !== undefined && isIn(await call(wrong))) problems.push('an invalid key was allowed after the fault');
  return problems;
}

interface Stage {
  readonly link: FaultyLink;
  /** The function's log. */
  readonly lines: string[];
  readonly call: (event: object) => Promise<Outcome>;
}

/**
 * Whether this or a later call succeeds, because a busy machine can delay a call beyond the lookup timeout. It must succeed
 * in the same environment: a restarted environment has not recovered.
 */
async function isWellSoon({ call }: Pick<Stage, 'call'>, event: Entry['event']): Promise<boolean> {
  for (const until = Date.now() + 10_000; ;) {
    const outcome = await call(await event());
    if (isWell(outcome)) return true;
    if (isEnd(outcome) || Date.now() >= until) return false;
    await delay(100);
  }
}

let tableName: string;
let limitsTableName: string;
let keys: DynamoKeyStore;

/** For a new key that the function hasn't revoked yet. */
async function freshPrefix(): Promise<string> {
  const record = aRecord();
  await keys.create(record);
  return record.prefix;
}

/**
 * Puts faults between DynamoDB and each function.
 *
 * @param select whether to test a fault on a function, by their positions in the lists
 */
export function faultsSuite(select: (fault: number, entry: number) => boolean): void {
  beforeAll(async () => {
    const table = await testTable();
    ({ tableName } = table);
    keys = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
    await keys.create(aRecord({ prefix: good.prefix, digest: digestOf(good.text) }));
    await keys.create(aRecord({ prefix: owned.prefix, digest: digestOf(owned.text), ownerId: 'resumed' }));
    await keys.create(aRecord({ prefix: suspended.prefix, digest: digestOf(suspended.text), ownerId: 'suspended' }));
    await keys.create(
      aRecord({
        prefix: limited.prefix,
        digest: digestOf(limited.text),
        limits: { rate: '1000/s' },
        ownerId: undefined,
      }),
    );
    ({ tableName: limitsTableName } = await testLimitsTable());
    for (const ownerId of ['resumed', 'suspended'])
      await keys.suspendOwner({ label: LABEL, ownerId, by: undefined, at: 1 }, undefined);
    await keys.resumeOwner({ label: LABEL, ownerId: 'resumed', by: undefined, at: 2 });
  });

  it.concurrent.for(ENTRIES.map((entry, index) => ({ ...entry, faults: FAULTS.filter((_, at) => select(at, index)) })))(
    '$what: allows no request during a fault, and recovers after it in the same environment',
    { timeout: 240_000 },
    async (entry, { expect, onTestFinished }) => {
      const { name, event, faults, meets = () => true } = entry;
      const authorizes = name.endsWith('authorizer');
      const link = await faultyLink(inject('dynamodbEndpoint'));
      const lines: string[] = [];
      const under = builtFunction({
        ...{
          name,
          tableName,
          endpoint: link.endpoint,
          timeoutMs: TIMEOUT_MS[authorizes ? 'authorizer' : 'management'],
        },
        settings: { ...(authorizes ? AUTHORIZER : DEFAULT_MANAGEMENT_SETTINGS), label: LABEL },
        variables: { [LIMITS_TABLE_VARIABLE]: limitsTableName },
        log: (_function, line) => lines.push(line),
      });
      // API Gateway invokes the management functions through their alias.
      const qualifier = authorizes ? undefined : HTTP_ALIAS;
      const call = (one: object) => under.invoke(JSON.stringify(one), qualifier);
      onTestFinished(async () => {
        await under.stop();
        await link.stop();
      });

      expect(await isWellSoon({ call }, event), 'before any fault').toBe(true);
      const found: Record<string, string[]> = {};
      for (const fault of faults.filter(meets)) {
        const problems = await suffer(fault, entry, { link, lines, call });
        if (problems.length > 0) found[fault.name] = problems;
      }
      expect(found).toEqual({});
    },
  );
}
