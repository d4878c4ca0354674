import { createHash } from 'node:crypto';

/**
 * The reference model of keys: one step after the other, without failures or concurrency. It shares no code with the
 * implementation.
 */
export interface ModelKey {
  readonly prefix: string;
  readonly digest: string;
  readonly name: string;
  readonly ownerId: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly revokedReason?: string;
  readonly disabledAt?: number;
  readonly disabledReason?: string;
  readonly replacedBy?: string;
  readonly rotatedFrom?: string;
  readonly countsAs?: string;
  readonly lastUsedAt?: number;
  readonly importedFrom?: 'drf';
  readonly version: number;
  readonly idempotency?: { readonly token: string; readonly request: string };
  /** The ID of the value of its API Gateway key. */
  readonly usageId?: 2;
}

export type World = ReadonlyMap<string, ModelKey>;

/** The random parts of a new key. */
export interface Drawn {
  readonly prefix: string;
  readonly digest: string;
}

export type Step =
  | { readonly does: 'create'; readonly drawn: Drawn; readonly input: CreateInput }
  | { readonly does: 'update'; readonly input: UpdateInput }
  | { readonly does: 'rotate'; readonly drawn: Drawn | undefined; readonly input: RotateInput }
  | { readonly does: 'revoke'; readonly input: { readonly prefix: string; readonly reason?: string } }
  | { readonly does: 'disable'; readonly input: { readonly prefix: string; readonly reason?: string } }
  | { readonly does: 'enable'; readonly input: { readonly prefix: string } }
  | { readonly does: 'import'; readonly key: ModelKey }
  | { readonly does: 'verify'; readonly prefix: string; readonly digest: string }
  /** What an allowed use writes afterwards. */
  | { readonly does: 'note use'; readonly prefix: string };

interface CreateInput {
  readonly name: string;
  readonly ownerId: string;
  readonly expires?: string;
  readonly idempotencyToken?: string;
}
interface UpdateInput {
  readonly prefix: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly expires?: string | null;
  readonly version?: number;
}
interface RotateInput {
  readonly prefix: string;
  readonly overlap: string;
  readonly idempotencyToken?: string;
}

export const RETENTION_SECONDS = 1000;
export const USE_INTERVAL_MS = 3_600_000;

/** The result of an operation: a word, and the key after the operation. */
export interface Told {
  readonly word: string;
  readonly key?: ModelKey | undefined;
  /** The digest of the key that was shown. */
  readonly shown?: string;
}

interface After {
  readonly world: World;
  readonly told: Told;
}

/** Takes one step at `now`. */
export function take(world: World, step: Step, now: number): After {
  switch (step.does) {
    case 'create': {
      const { input, drawn } = step;
      const call = callOf(input);
      const there = world.get(drawn.prefix);
      if (there !== undefined && call !== undefined) return replay(world, there, call);
      const { name, ownerId } = input;
      const end = input.expires === undefined ? undefined : now + seconds(input.expires);
      return issue(world, {
        ...drawn,
        name,
        ownerId,
        scopes: [],
        usageId: 2,
        createdAt: now,
        ...given({ expiresAt: end, idempotency: call }),
        version: 1,
      });
    }
    case 'update': {
      const { prefix, name, scopes, expires, version } = step.input;
      const key = world.get(prefix);
      if (key === undefined) return refuse(world, 'not_found');
      if (key.revokedAt !== undefined) return refuse(world, 'revoked');
      if (version !== undefined && version !== key.version) return refuse(world, 'version_conflict');
      if (expires !== undefined && key.replacedBy !== undefined) return refuse(world, 'replaced');
      const { expiresAt: _before, ...endless } = key;
      const base = expires === null ? endless : key;
      const end = typeof expires === 'string' ? now + seconds(expires) : undefined;
      return change(world, { ...base, ...given({ name, scopes, expiresAt: end }) });
    }
    case 'rotate': {
      const { prefix, overlap } = step.input;
      const call = callOf(step.input);
      const old = world.get(prefix);
      if (old === undefined) return refuse(world, 'not_found');
      const successor = old.replacedBy === undefined ? undefined : world.get(old.replacedBy);
      if (successor !== undefined && call !== undefined && successor.idempotency?.token === call.token)
        return replay(world, successor, call);
      if (old.replacedBy !== undefined) return refuse(world, 'replaced');
      const status = statusOf(old, now);
      if (status !== 'active') return refuse(world, status);
      // A rejected operation has no random parts.
      if (step.drawn === undefined) return refuse(world, 'drew no key');
      const there = world.get(step.drawn.prefix);
      if (there !== undefined && call !== undefined) return replay(world, there, call);
      const { name, ownerId, scopes, expiresAt, usageId, countsAs = prefix } = old;
      const endsAt = Math.min(now + seconds(overlap), expiresAt ?? Infinity);
      const ended = { ...old, replacedBy: step.drawn.prefix, expiresAt: endsAt, version: old.version + 1 };
      const made = {
        ...step.drawn,
        name,
        ownerId,
        scopes,
        createdAt: now,
        ...given({ expiresAt, usageId, idempotency: call }),
        rotatedFrom: prefix,
        countsAs,
        version: 1,
      };
      return issue(put(world, ended), made);
    }
    case 'revoke': {
      const key = world.get(step.input.prefix);
      if (key === undefined) return refuse(world, 'not_found');
      if (key.revokedAt !== undefined) return { world, told: { word: 'ok', key } };
      return change(world, { ...enabled(key), revokedAt: now, ...given({ revokedReason: step.input.reason }) });
    }
    case 'disable': {
      const key = world.get(step.input.prefix);
      if (key === undefined) return refuse(world, 'not_found');
      if (key.revokedAt !== undefined) return refuse(world, 'revoked');
      if (key.disabledAt !== undefined) return { world, told: { word: 'ok', key } };
      return change(world, { ...key, disabledAt: now, ...given({ disabledReason: step.input.reason }) });
    }
    case 'enable': {
      const key = world.get(step.input.prefix);
      if (key === undefined) return refuse(world, 'not_found');
      if (key.revokedAt !== undefined) return refuse(world, 'revoked');
      if (key.disabledAt === undefined) return { world, told: { word: 'ok', key } };
      return change(world, enabled(key));
    }
    case 'import':
      if (world.has(step.key.prefix)) return { world, told: { word: 'present' } };
      return { world: put(world, imported(step.key)), told: { word: 'imported' } };
    case 'verify': {
      const key = world.get(step.prefix);
      if (key === undefined) return refuse(world, 'unknown');
      if (key.digest !== step.digest) return refuse(world, 'mismatch');
      const status = statusOf(key, now);
      return { world, told: { word: status === 'active' ? 'valid' : status } };
    }
    case 'note use': {
      const key = world.get(step.prefix);
      const isDue = key !== undefined && (key.lastUsedAt ?? -Infinity) <= now - USE_INTERVAL_MS;
      return { world: isDue ? put(world, { ...key, lastUsedAt: now }) : world, told: { word: 'noted' } };
    }
  }
}

/** Returns a key without the fields of a disabled key. */
function enabled({ disabledAt: _at, disabledReason: _reason, ...key }: ModelKey): ModelKey {
  return key;
}

/** A key from rotations of an older version keeps the value of its API Gateway key. Every other key has the new value. */
function imported(key: ModelKey): ModelKey {
  return key.countsAs === undefined && key.replacedBy === undefined ? { ...key, usageId: 2 } : key;
}

/** The keys that TTL deleted by `now`. */
export function swept(world: World, now: number): World {
  return new Map([...world].filter(([, key]) => !((removableAt(key) ?? Infinity) * 1000 < now)));
}

/** When TTL may delete a key, in seconds since the epoch. */
export function removableAt({ revokedAt, expiresAt }: ModelKey): number | undefined {
  const end = revokedAt ?? expiresAt;
  return end === undefined ? undefined : Math.ceil(end / 1000) + RETENTION_SECONDS;
}

export function statusOf(
  { revokedAt, expiresAt, disabledAt }: ModelKey,
  now: number,
): 'active' | 'disabled' | 'revoked' | 'expired' {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  return disabledAt === undefined ? 'active' : 'disabled';
}

function callOf(input: CreateInput | RotateInput): ModelKey['idempotency'] {
  if (input.idempotencyToken === undefined) return undefined;
  return { token: sha256(input.idempotencyToken), request: sha256(JSON.stringify(sorted(input))) };
}

/** The same value with the fields of every object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

function replay(world: World, there: ModelKey, call: NonNullable<ModelKey['idempotency']>): After {
  if (there.idempotency?.request !== call.request) return refuse(world, 'idempotency_conflict');
  return { world, told: { word: 'replayed', key: there } };
}

function issue(world: World, key: ModelKey): After {
  return { world: put(world, key), told: { word: 'issued', key, shown: key.digest } };
}

function change(world: World, key: ModelKey): After {
  const changed = { ...key, version: key.version + 1 };
  return { world: put(world, changed), told: { word: 'ok', key: changed } };
}

function refuse(world: World, word: string): After {
  return { world, told: { word } };
}

const put = (world: World, key: ModelKey): World => new Map(world).set(key.prefix, key);
/** Parses the durations in histories, such as `30s`, to milliseconds. */
const seconds = (text: string) => Number(text.slice(0, -1)) * 1000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
