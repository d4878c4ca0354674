import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type fc from 'fast-check';
import { DEFAULT_MANAGEMENT_SETTINGS, type ManagementSettings } from '../../../src/gateway/settings.ts';
import { HTTP_ALIAS } from '../../../src/management/http-alias.ts';
import { LIMITS_TABLE_VARIABLE } from '../../../src/rate-limit/limits-table.ts';
import { USAGE_TABLE_VARIABLE } from '../../../src/usage/usage-table.ts';
import type { LocalFunction } from '../../../local/lambda/local-function.ts';
import type { Outcome } from '../../../local/lambda/environment.ts';
import { builtFunction } from '../../support/bundles/built-function.ts';
import { adminCase, KNOWN_PREFIX, type AdminCase } from './admin-requests.ts';
import { authorizerCase, type AuthorizerCase } from './authorizer-events.ts';
import { DOORS, functionOf, settingsOf, type Door } from './doors.ts';
import { leakCase, type LeakCase } from './leak-alerts.ts';
import { leakFaultOf } from './leak-oracle.ts';
import { gitHubStandIn, revokedIn } from './leaks.ts';
import { faultOf } from './oracle.ts';
import { ISSUED, LABEL, restore, settle, useUp, type Table } from './world.ts';

export const TARGETS = ['authorizer', 'admin', 'leaks'] as const;
export type TargetName = (typeof TARGETS)[number];
interface Cases {
  readonly authorizer: AuthorizerCase;
  readonly admin: AdminCase;
  readonly leaks: LeakCase;
}

/** A case in the corpus. Every run includes it. */
export type KeptCase = {
  [Name in TargetName]: { readonly target: Name; readonly found: string; readonly case: Cases[Name] };
}[TargetName];

export interface Target<Case> {
  readonly name: TargetName;
  readonly cases: fc.Arbitrary<Case>;
  /** @returns the problem with the functions' behavior, or `undefined` if it is correct */
  faultOf(one: Case): Promise<string | undefined>;
}

/** Statistics of the run. */
interface Tally {
  inputs: number;
  calls: number;
  /** The number of responses by kind, such as `allowed`, `401`, `400`. */
  readonly answers: Map<string, number>;
  slowestMs: number;
  slowest: string;
  /** Failures that the same input did not reproduce: they depend on earlier inputs, or on a busy machine. */
  readonly onlyOnce: string[];
}

export interface Targets {
  readonly authorizer: Target<AuthorizerCase>;
  readonly admin: Target<AdminCase>;
  readonly leaks: Target<LeakCase>;
  readonly tally: Tally;
  stop(): Promise<void>;
}

const ADMIN_SETTINGS: ManagementSettings = {
  ...DEFAULT_MANAGEMENT_SETTINGS,
  ...{ label: LABEL, ownerSuspension: true, restrictions: ['sourceIp', 'origin'], plans: { free: { rate: '5/s' } } },
};

/** The fresh tables of the fuzzed functions. */
export interface Ground {
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  readonly authorizerTable: string;
  readonly adminTable: string;
  readonly leaksTable: string;
  readonly limitsTable: string;
  readonly usageTable: string;
}

/** The fuzzed functions, from their deployed bundles. */
export async function targets({ endpoint, client, ...tables }: Ground): Promise<Targets> {
  const leaksTable: Table = { client, tableName: tables.leaksTable };
  await settle({ client, tableName: tables.authorizerTable });
  await settle(leaksTable);
  await useUp({ client, tableName: tables.limitsTable });
  const tally: Tally = { inputs: 0, calls: 0, answers: new Map(), slowestMs: 0, slowest: '', onlyOnce: [] };
  const leaks: string[] = [];
  const secrets = ISSUED.map(({ text }) => text);
  const log = (functionName: string, line: string) => {
    if (secrets.some((secret) => line.includes(secret))) leaks.push(`${functionName} logged a key: ${line}`);
  };
  const variables = { [LIMITS_TABLE_VARIABLE]: tables.limitsTable, [USAGE_TABLE_VARIABLE]: tables.usageTable };
  const common = { endpoint, log, variables };
  const doors = new Map<Door, LocalFunction>(
    DOORS.map((door) => {
      const ofDoor = { name: functionOf(door), tableName: tables.authorizerTable, settings: settingsOf(door) };
      return [door, builtFunction({ ...common, ...ofDoor })];
    }),
  );
  const admin = new Map<string, LocalFunction>();
  const adminFunction = (name: string): LocalFunction => {
    const found =
      admin.get(name) ?? builtFunction({ ...common, name, tableName: tables.adminTable, settings: ADMIN_SETTINGS });
    admin.set(name, found);
    return found;
  };
  const gitHub = await gitHubStandIn();
  const secretScanning = builtFunction({
    ...common,
    ...{ name: 'secret-scanning', tableName: tables.leaksTable, settings: gitHub.settings },
  });

  async function call(what: string, under: LocalFunction, payload: string, alias?: string): Promise<Outcome> {
    const started = performance.now();
    const outcome = await under.invoke(payload, alias);
    const ms = performance.now() - started;
    tally.calls++;
    if (ms > tally.slowestMs)
      Object.assign(tally, { slowestMs: ms, slowest: `${what}, ${String(payload.length)} characters` });
    return outcome;
  }
  const count = (kind: string) => tally.answers.set(kind, (tally.answers.get(kind) ?? 0) + 1);

  async function tryDoor({ door, payload, twin, sendable }: AuthorizerCase): Promise<string | undefined> {
    const under = doors.get(door);
    if (under === undefined) return `unknown deployment: ${door}`;
    const outcome = await call(`authorizer (${door})`, under, payload);
    tally.inputs++;
    count(`authorizer ${kindOf(outcome)}`);
    const fault = faultOf(door, payload, outcome, sendable);
    if (door === 'restricted' && isIn(outcome) && isOfRestricted(outcome)) count('restricted key allowed');
    if (fault !== undefined || twin === undefined) return fault ?? leaks.pop();
    const other = await call(`authorizer (${door})`, under, twin);
    const same = JSON.stringify(outcome) === JSON.stringify(other);
    return same
      ? leaks.pop()
      : `order or case changes the response: ${JSON.stringify(outcome)} and ${JSON.stringify(other)}`;
  }

  /** The key for {@link KNOWN_PREFIX}. It is created again after it was revoked. */
  let known: string | undefined;
  async function knownPrefix(): Promise<string> {
    if (known !== undefined) return known;
    const outcome = await adminFunction('create-key').invoke('{"name":"known"}');
    if (!outcome.ok) throw new Error(`Could not create a key: ${outcome.error.errorMessage}`);
    known = (JSON.parse(outcome.payload) as { record: { prefix: string } }).record.prefix;
    return known;
  }

  async function tryAdmin(one: AdminCase): Promise<string | undefined> {
    const payload = one.payload.replaceAll(KNOWN_PREFIX, await knownPrefix());
    const alias = one.through === 'direct' ? undefined : HTTP_ALIAS;
    const outcome = await call(`${one.function} (${one.through})`, adminFunction(one.function), payload, alias);
    tally.inputs++;
    const { fault, status, answer } = judged(one, outcome);
    count(`admin ${status}`);
    if (['rotate-key', 'revoke-key'].includes(one.function) && status.startsWith('20')) known = undefined;
    return fault ?? leaks.pop() ?? (await unreadable(answer));
  }

  async function tryLeak(one: LeakCase): Promise<string | undefined> {
    const before = await revokedIn(leaksTable);
    const outcome = await call('secret-scanning', secretScanning, gitHub.sign(one));
    tally.inputs++;
    count(`leaks ${outcome.ok ? String((JSON.parse(outcome.payload) as { statusCode: number }).statusCode) : 'error'}`);
    const ended = [...(await revokedIn(leaksTable))].filter((prefix) => !before.has(prefix));
    await restore(leaksTable, ended);
    if (ended.length > 0) count('leaked keys revoked');
    return leakFaultOf(one, outcome, ended) ?? leaks.pop();
  }

  /** Every stored record must be readable, or one input could break a key or every list that contains it. */
  async function unreadable(answer: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    const outcomes = (answer['outcomes'] ?? []) as { outcome: string; prefix: string }[];
    const record = (answer['record'] ?? answer) as { prefix?: unknown; version?: unknown };
    if (typeof answer['suspended'] === 'boolean') {
      const read = await adminFunction('get-owner').invoke(JSON.stringify({ ownerId: answer['ownerId'] }));
      if (!read.ok) return `a written owner cannot be read: ${read.error.errorMessage}`;
    }
    const written = [
      ...outcomes.filter(({ outcome }) => outcome === 'imported').map(({ prefix }) => prefix),
      ...(record.version === undefined ? [] : [record.prefix]),
    ];
    for (const prefix of written) {
      const read = await adminFunction('get-key').invoke(JSON.stringify({ prefix }));
      if (!read.ok) return `a written key cannot be read: ${read.error.errorMessage}`;
      // A dry run stores nothing.
      const changed = read.payload.includes('not_found')
        ? read
        : await adminFunction('update-key').invoke(JSON.stringify({ prefix, name: 'changed' }));
      if (!changed.ok) return `a written key cannot be updated: ${changed.error.errorMessage}`;
      const again = await adminFunction('get-key').invoke(JSON.stringify({ prefix }));
      if (!again.ok) return `an updated key cannot be read: ${again.error.errorMessage}`;
    }
    if (written.length === 0) return undefined;
    const listed = await adminFunction('list-keys').invoke('{"limit":3}');
    return listed.ok ? undefined : `keys can no longer be listed: ${listed.error.errorMessage}`;
  }

  return {
    authorizer: { name: 'authorizer', cases: authorizerCase, faultOf: tryDoor },
    admin: { name: 'admin', cases: adminCase, faultOf: tryAdmin },
    leaks: { name: 'leaks', cases: leakCase, faultOf: tryLeak },
    tally,
    stop: async () => {
      await Promise.all([...doors.values(), ...admin.values(), secretScanning].map((one) => one.stop()));
      gitHub.stop();
    },
  };
}

function kindOf(outcome: Outcome): string {
  if (!outcome.ok) return outcome.error.errorType === 'Unauthorized' ? '401' : 'error';
  return isIn(outcome) ? 'allowed' : 'denied';
}

const isIn = (outcome: Outcome) =>
  outcome.ok && (outcome.payload.includes('"Effect":"Allow"') || outcome.payload.includes('"isAuthorized":true'));

/** Restrictions that are all satisfied. A route scope may still reject the request. */
function isOfRestricted(outcome: Outcome): boolean {
  const restricted = ISSUED.filter(({ restrictions }) => restrictions !== undefined);
  return outcome.ok && restricted.some(({ prefix }) => outcome.payload.includes(`"keyId":"${prefix}"`));
}

interface Judgement {
  readonly status: string;
  readonly answer: Readonly<Record<string, unknown>>;
  readonly fault?: string;
}

/** Every response has a status and a JSON body, and every error has a reason. */
function judged({ through, sendable, payload }: AdminCase, outcome: Outcome): Judgement {
  if (!outcome.ok) {
    const { errorType, errorMessage } = outcome.error;
    const crashed = /^(?:Runtime|Sandbox)\./.test(errorType);
    const fault = `the function ${crashed ? 'crashed' : 'failed'}: ${errorType}: ${errorMessage}`;
    return { status: 'error', answer: {}, ...((sendable || crashed) && { fault }) };
  }
  const said = JSON.parse(outcome.payload) as Readonly<Record<string, unknown>>;
  const isProxyAnswer = typeof said['statusCode'] === 'number' && typeof said['body'] === 'string';
  const answer = isProxyAnswer ? (JSON.parse(String(said['body'])) as Readonly<Record<string, unknown>>) : said;
  const refusal = answer['error'] as { code?: unknown; message?: unknown } | undefined;
  const status = isProxyAnswer ? String(said['statusCode']) : refusal === undefined ? '200' : String(refusal.code);
  if (isProxyAnswer && sendable && Number(said['statusCode']) >= 500)
    return { status, answer, fault: `a request caused a ${status}` };
  if (isProxyAnswer !== (through !== 'direct') && sendable)
    return { status, answer, fault: `not a response to a ${through} call` };
  if (refusal !== undefined && (typeof refusal.code !== 'string' || typeof refusal.message !== 'string'))
    return { status, answer, fault: 'an error without a reason' };
  if (refusal !== undefined && quotesKey(payload, JSON.stringify(refusal)))
    return { status, answer, fault: `an error that quotes the given key: ${JSON.stringify(refusal)}` };
  return { status, answer };
}

/** Whether the error repeats the key of the field `key`. */
function quotesKey(payload: string, refusal: string): boolean {
  return ISSUED.some(({ text }) => refusal.includes(text) && payload.includes(`"key":"${text}`));
}
