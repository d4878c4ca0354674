import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { BatchGetCommand, DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { fieldsWith, type FieldsWith } from '../../../src/core/keys/key-fields.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { LatchkeyError } from '../../../src/management/errors.ts';
import { create } from '../../../src/management/operations/create.ts';
import { disable, enable } from '../../../src/management/operations/disable.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import { list } from '../../../src/management/operations/list.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { FastKeyReader } from '../../../src/storage/fast-reader/key-reader.ts';
import type { KeyStore } from '../../../src/storage/key-store.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { befallen } from './accidents.ts';
import type { Act, Deed, History, Scene } from './history.ts';
import {
  removableAt,
  RETENTION_SECONDS,
  statusOf,
  swept,
  take,
  USE_INTERVAL_MS,
  type Drawn,
  type ModelKey,
  type Step,
  type Told,
  type World,
} from './model.ts';

const LABEL = 'lk_model';
const START = Date.UTC(2028, 1, 28, 23, 50);
/** The number of attempts, of a few seconds each. */
const PATIENCE = 20;
const UNKNOWN_PREFIX = 'AAAAAAAAAAAA';

export interface Stage {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly endpoint: string;
}

/** The result of an act. */
interface Played {
  readonly act: Act;
  /** `died`: the process died before it returned anything. */
  readonly told: Told | 'died';
  /** The corresponding steps of the model, with the random parts that were used. */
  readonly steps: readonly Step[];
}

let histories = 0;

/**
 * Plays a history on DynamoDB.
 *
 * After each scene, there must be an order of its acts in which the model returns the same results and has the same table.
 * Each act is applied completely, or, if its process died, perhaps not at all.
 *
 * @throws {Error} if there is no such order
 */
export async function play(history: History, stage: Stage): Promise<void> {
  const player = new Player(`history-${String(++histories)}-${String(process.pid)}`, stage);
  for (const scene of history) await player.scene(scene);
  await player.end();
}

class Player {
  readonly #name: string;
  readonly #stage: Stage;
  readonly #store: DynamoKeyStore;
  readonly #reader: FastKeyReader;
  #now = START;
  #world: World = new Map();
  #acts = 0;
  /** All keys in the order of their creation, in their initial state. */
  readonly #keys = new Map<string, ModelKey>();
  /** The keys that were shown, by prefix. */
  readonly #texts = new Map<string, string>();

  constructor(name: string, stage: Stage) {
    this.#name = name;
    this.#stage = stage;
    this.#store = new DynamoKeyStore({ ...stage, retentionSeconds: RETENTION_SECONDS });
    this.#reader = new FastKeyReader({
      tableName: stage.tableName,
      endpoint: { url: new URL(stage.endpoint), region: 'us-east-1' },
      credentials: () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
    });
  }

  async scene({ elapsedMs, sweeps, acts }: Scene): Promise<void> {
    this.#now += elapsedMs;
    if (sweeps) await this.#sweep();
    const played = await Promise.all(acts.map((act) => this.#play(act)));
    const drawn = played.flatMap(({ steps }) =>
      steps.flatMap((step) => ('drawn' in step ? (step.drawn?.prefix ?? []) : 'key' in step ? step.key.prefix : [])),
    );
    const table = await this.#read([...new Set([...this.#keys.keys(), ...drawn])]);
    const world = explain(this.#world, played, table, this.#now);
    if (world === undefined) throw new Error(unexplained(this.#world, played, table));
    this.#world = world;
    for (const [prefix, key] of world) if (!this.#keys.has(prefix)) this.#keys.set(prefix, key);
  }

  /** Checks that the list matches the model. */
  async end(): Promise<void> {
    const listed = await list(this.#context(this.#store), { ownerId: this.#name, limit: 100 });
    const views = Object.fromEntries(listed.records.map((view) => [view.prefix, comparable(view)]));
    const expected = Object.fromEntries([...this.#world].map(([prefix, key]) => [prefix, viewOf(key, this.#now)]));
    if (!isDeepStrictEqual(views, expected))
      throw new Error(`the list differs: ${JSON.stringify({ views, expected })}`);
  }

  async #sweep(): Promise<void> {
    const rest = swept(this.#world, this.#now);
    for (const prefix of this.#world.keys())
      if (!rest.has(prefix))
        await this.#stage.client.send(new DeleteCommand({ TableName: this.#stage.tableName, Key: { prefix } }));
    this.#world = rest;
  }

  #context(keys: KeyStore): OperationContext {
    const settings = {
      ...DEFAULT_MANAGEMENT_SETTINGS,
      label: LABEL,
      importedFormats: ['drf'] as const,
      retentionSeconds: RETENTION_SECONDS,
    };
    return { settings, keys, now: () => this.#now, randomBytes };
  }

  async #play(act: Act): Promise<Played> {
    const { deed } = act;
    const number = ++this.#acts;
    const drawn: Drawn[] = [];
    const context = this.#context(noting(this.#store, drawn));
    const prefix = 'key' in deed ? ([...this.#keys.keys()][deed.key] ?? UNKNOWN_PREFIX) : UNKNOWN_PREFIX;
    const { told, steps } = await this.#perform(deed, prefix, number, context, act);
    // At most one of the generated keys was stored. The table shows which.
    const tried = await this.#read(drawn.map((one) => one.prefix));
    const stored = drawn.findLast((one) => tried.get(one.prefix)?.['digest'] === one.digest) ?? drawn.at(-1);
    if (drawn.filter((one) => tried.get(one.prefix)?.['digest'] === one.digest).length > 1)
      throw new Error(`one ${deed.does} has left two keys`);
    return { act, told, steps: steps(stored) };
  }

  async #perform(
    deed: Deed,
    prefix: string,
    number: number,
    context: OperationContext,
    { accident }: Act,
  ): Promise<{ told: Played['told']; steps: (drawn: Drawn | undefined) => Step[] }> {
    const run = async (work: () => Promise<Told>): Promise<Played['told']> => {
      const told = await befallen(accident, () => work().catch(refusal));
      return told;
    };
    /** A write whose response was lost is retried, and the result is that of the retry. */
    const again = (step: Step): Step[] => (accident?.what === 'lost' ? [step, step] : [step]);
    switch (deed.does) {
      case 'create': {
        const input = {
          name: `key ${String(number)}`,
          ownerId: this.#name,
          ...optional('expires', deed.expires),
          ...optional('idempotencyToken', deed.token && `${this.#name} ${deed.token}`),
        };
        const told = await run(async () => this.#issued(await create(context, input)));
        return { told, steps: (drawn) => (drawn === undefined ? [] : [{ does: 'create', drawn, input }]) };
      }
      case 'rotate': {
        const input = {
          prefix,
          overlap: deed.overlap,
          ...optional('idempotencyToken', deed.token && `${this.#name} ${deed.token}`),
        };
        const told = await run(async () => this.#issued(await rotate(context, input)));
        return { told, steps: (drawn) => [{ does: 'rotate', drawn, input }] };
      }
      case 'update': {
        const version = this.#world.get(prefix)?.version ?? 1;
        const input = {
          prefix,
          ...(deed.change === 'name' && { name: `renamed ${String(number)}` }),
          ...(deed.change === 'scopes' && { scopes: [`GET /${String(number)}`] }),
          ...(deed.change === 'expires' && { expires: '700s' }),
          ...(deed.change === 'no expiry' && { expires: null }),
          ...(deed.insists !== 'on nothing' && { version: deed.insists === 'on the version' ? version : version + 1 }),
        };
        const told = await run(async () => ({ word: 'ok', key: comparable(await update(context, input)) }));
        return { told, steps: () => again({ does: 'update', input }) };
      }
      case 'revoke': {
        const input = { prefix, ...optional('reason', deed.reason) };
        const told = await run(async () => ({ word: 'ok', key: comparable(await revoke(context, input)) }));
        return { told, steps: () => again({ does: 'revoke', input }) };
      }
      case 'disable': {
        const input = { prefix, ...optional('reason', deed.reason) };
        const told = await run(async () => ({ word: 'ok', key: comparable(await disable(context, input)) }));
        return { told, steps: () => again({ does: 'disable', input }) };
      }
      case 'enable': {
        const input = { prefix };
        const told = await run(async () => ({ word: 'ok', key: comparable(await enable(context, input)) }));
        return { told, steps: () => again({ does: 'enable', input }) };
      }
      case 'import':
      case 'import a foreign key': {
        const key = deed.does === 'import' ? this.#keys.get(prefix) : this.#foreignKey(number);
        if (key === undefined) return { told: { word: 'nothing' }, steps: () => [] };
        const told = await run(async () => {
          const { outcomes } = await importKeys(context, { records: [portable(key)] });
          return { word: outcomes[0]?.outcome ?? 'nothing' };
        });
        return { told, steps: () => again({ does: 'import', key }) };
      }
      case 'verify': {
        const text = this.#textOf(prefix, deed.secret);
        const told = await run(async () => {
          const verdict = await verify(context, { key: text });
          return { word: verdict.valid ? 'valid' : verdict.reason };
        });
        return { told, steps: () => [{ does: 'verify', prefix, digest: digestOf(text) }] };
      }
      case 'use': {
        const text = this.#textOf(prefix, deed.secret);
        const word = await this.#use(text);
        const look: Step = { does: 'verify', prefix, digest: digestOf(text) };
        return { told: { word }, steps: () => (word === 'valid' ? [look, { does: 'note use', prefix }] : [look]) };
      }
    }
  }

  /** Sends a request with the key to the authorizer, which reads the table with its fast reader. */
  async #use(text: string): Promise<string> {
    let word = '';
    let noted: Promise<void> = Promise.resolve();
    const reader = this.#reader;
    const authorizer = createKeyAuthorizer(
      {
        ...DEFAULT_AUTHORIZER_SETTINGS,
        label: LABEL,
        importedFormats: ['drf'],
        lastUsedIntervalSeconds: USE_INTERVAL_MS / 1000,
      },
      {
        keys: {
          get: (prefix, options) => patiently(() => reader.get(prefix, options)),
          touch: (...use) => (noted = patiently(() => reader.touch(...use))),
          replaceDigest: (...change) => reader.replaceDigest(...change),
        },
        report: ({ result }) => (word = result),
        now: () => this.#now,
      },
    );
    const answer = JSON.stringify(await authorizer(restEvent({ call: 'GET /1', headers: { 'x-api-key': text } })));
    await noted;
    // The model has no scopes. A key that is only out of scope is valid, and its use is recorded.
    const isIn = word === 'allowed' || word === 'scope';
    if (isIn !== answer.includes('"Effect":"Allow"')) throw new Error(`reported ${word}, and answered ${answer}`);
    return isIn ? 'valid' : word;
  }

  #issued({ key, record }: { key: string | null; record: KeyView }): Told {
    if (key === null) return { word: 'replayed', key: comparable(record) };
    this.#texts.set(record.prefix, key);
    return { word: 'issued', key: comparable(record), shown: digestOf(key) };
  }

  #textOf(prefix: string, secret: 'right' | 'wrong'): string {
    const text = this.#texts.get(prefix);
    if (text !== undefined && secret === 'right') return text;
    // The key was never shown because the process died, or the secret is meant to be wrong.
    return text?.includes('.')
      ? `${text.slice(0, 9)}${'0'.repeat(32)}`
      : newKey({ label: LABEL, prefix: prefix.includes('.') ? UNKNOWN_PREFIX : prefix, randomBytes }).text;
  }

  #foreignKey(number: number): ModelKey {
    const noise = createHash('sha256')
      .update(`${this.#name} ${String(number)}`)
      .digest('hex');
    const text = `${noise.slice(0, 8)}.${noise.slice(8, 40)}`;
    const prefix = `drf.${text.slice(0, 8)}`;
    this.#texts.set(prefix, text);
    return {
      prefix,
      digest: digestOf(text),
      name: 'foreign',
      ownerId: this.#name,
      scopes: [],
      createdAt: this.#now,
      importedFrom: 'drf',
      version: 1,
    };
  }

  async #read(prefixes: readonly string[]): Promise<Map<string, Record<string, unknown>>> {
    const { tableName, client } = this.#stage;
    if (prefixes.length === 0) return new Map();
    const Keys = [...new Set(prefixes)].map((prefix) => ({ prefix }));
    const answer = await client.send(
      new BatchGetCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true } } }),
    );
    return new Map((answer.Responses?.[tableName] ?? []).map((item) => [String(item['prefix']), item]));
  }
}

/** Retries a request, because a busy machine can look like an outage and the model has none. Both requests of the reader are safe to retry. */
async function patiently<Result>(request: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt < PATIENCE; attempt++) {
    try {
      return await request();
    } catch {
      await delay(100);
    }
  }
  return request();
}

/** A store that records which keys the operations try to create. */
function noting(store: DynamoKeyStore, drawn: Drawn[]): KeyStore {
  const note = ({
    prefix,
    digest,
    importedFrom,
  }: {
    prefix: string;
    digest: string;
    importedFrom?: string | undefined;
  }) => {
    if (importedFrom === undefined) drawn.push({ prefix, digest });
  };
  return {
    get: (...call) => store.get(...call),
    getAll: (...call) => store.getAll(...call),
    getOwner: (...call) => store.getOwner(...call),
    suspendOwner: (...call) => store.suspendOwner(...call),
    resumeOwner: (...call) => store.resumeOwner(...call),
    list: (...call) => store.list(...call),
    update: (...call) => store.update(...call),
    revoke: (...call) => store.revoke(...call),
    disable: (...call) => store.disable(...call),
    enable: (...call) => store.enable(...call),
    touch: (...call) => store.touch(...call),
    replaceDigest: (...call) => store.replaceDigest(...call),
    create: (record) => {
      note(record);
      return store.create(record);
    },
    rotate: (old, successor, endsAt) => {
      note(successor);
      return store.rotate(old, successor, endsAt);
    },
  };
}

/** Returns the state after an order of the operations that matches the model, or `undefined` if no order does. */
function explain(
  before: World,
  played: readonly Played[],
  table: ReadonlyMap<string, unknown>,
  now: number,
): World | undefined {
  const search = (
    world: World,
    rest: readonly { told: Played['told']; steps: readonly Step[] }[],
  ): World | undefined => {
    if (rest.every(({ steps }) => steps.length === 0)) return sameTable(world, table) ? world : undefined;
    for (const [index, { told, steps }] of rest.entries()) {
      const [step, ...later] = steps;
      if (step === undefined) continue;
      const others = rest.filter((_, other) => other !== index);
      const after = take(world, step, now);
      // Only the last attempt of a retried write returns a result. `note use` happens after the result.
      const isMadeAgain = later.some(({ does }) => does === step.does);
      const counts = step.does !== 'note use' && !isMadeAgain;
      if (told === 'died' || !counts || isDeepStrictEqual(plain(after.told, now), plain(told, now))) {
        const found = search(after.world, [...others, { told, steps: later }]);
        if (found !== undefined) return found;
      }
      if (isMadeAgain) {
        // The accident may not have occurred, because there was no such write.
        const once = search(world, [...others, { told, steps: later }]);
        if (once !== undefined) return once;
      }
      if (told !== 'died') continue;
      const without = search(world, others);
      if (without !== undefined) return without;
    }
    return undefined;
  };
  return search(before, played);
}

/** A result in a comparable form. */
function plain({ word, key, shown }: Told, now: number): unknown {
  return { word, shown, key: key && 'digest' in key ? viewOf(key, now) : key };
}

function sameTable(world: World, table: ReadonlyMap<string, unknown>): boolean {
  return (
    world.size === table.size && [...world].every(([prefix, key]) => isDeepStrictEqual(itemOf(key), table.get(prefix)))
  );
}

/** The table item of a key. */
function itemOf({ usageId, ...key }: ModelKey): Record<string, unknown> {
  const ttl = removableAt(key);
  return {
    ...key,
    ...(usageId !== undefined && { u: usageId }),
    label: LABEL,
    metadata: {},
    nameKey: key.name,
    ownerKey: `${LABEL}#${key.ownerId}`,
    ...(ttl !== undefined && { ttl }),
  };
}

function portable({ createdAt, expiresAt, revokedAt, disabledAt, lastUsedAt, ...key }: ModelKey): object {
  const iso = (name: string, time: number | undefined) =>
    time === undefined ? {} : { [name]: new Date(time).toISOString() };
  return {
    ...key,
    label: LABEL,
    ...iso('createdAt', createdAt),
    ...iso('expiresAt', expiresAt),
    ...iso('revokedAt', revokedAt),
    ...iso('disabledAt', disabledAt),
    ...iso('lastUsedAt', lastUsedAt),
  };
}

/** The fields that no key of the model has. */
const NO_VALUES = Object.fromEntries(fieldsWith({ shown: true }).map((name) => [name, null])) as Record<
  FieldsWith<{ readonly shown: true }>,
  null
>;

function viewOf(key: ModelKey, now: number): ModelKey {
  const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());
  return comparable({
    ...NO_VALUES,
    prefix: key.prefix,
    label: LABEL,
    name: key.name,
    status: statusOf(key, now),
    ownerId: key.ownerId,
    scopes: key.scopes,
    metadata: {},
    createdAt: new Date(key.createdAt).toISOString(),
    expiresAt: iso(key.expiresAt),
    revokedAt: iso(key.revokedAt),
    revokedReason: key.revokedReason ?? null,
    disabledAt: iso(key.disabledAt),
    disabledReason: key.disabledReason ?? null,
    replacedBy: key.replacedBy ?? null,
    rotatedFrom: key.rotatedFrom ?? null,
    lastUsedAt: iso(key.lastUsedAt),
    importedFrom: key.importedFrom ?? null,
    version: key.version,
  });
}

/** Uses the view as the key of a result. A view has no digest, so it can't be confused with a record. */
function comparable(view: KeyView): ModelKey {
  return view as unknown as ModelKey;
}

function refusal(error: unknown): Told {
  if (error instanceof LatchkeyError) return { word: error.code };
  throw error;
}

function unexplained(world: World, played: readonly Played[], table: ReadonlyMap<string, unknown>): string {
  return `no order explains what was seen:\n${JSON.stringify({ before: [...world.values()], played, table: [...table.values()] }, undefined, 1)}`;
}

function digestOf(text: string): string {
  if (text.includes('.')) return `sha512$$${createHash('sha512').update(text).digest('hex')}`;
  return `sha256$${createHash('sha256').update(text).digest('base64url')}`;
}

function optional<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;
}
