import { isDeepStrictEqual } from 'node:util';
import { statusOf } from '../core/keys/record.ts';
import { checkInput } from '../management/check-input.ts';
import { inputs } from '../management/input.ts';
import { InvalidInputError } from '../management/errors.ts';
import { refuseLargeResult } from '../management/operations/result-size.ts';
import type { OperationContext } from '../management/operations/operation.ts';
import { update } from '../management/operations/update.ts';
import type { StoredKey } from '../storage/key-store.ts';
import type { SecretRotation } from './rotate-secret.ts';
import { ISSUE_ANEW, RotationError, type NewKeyFields } from './rotation.ts';

/** The properties of the CloudFormation resource. CloudFormation passes each of them as a string. */
export interface KeyResourceProperties {
  /** The fields of the key, as JSON: `name`, `ownerId`, `scopes`, `metadata`, `plan`, `limits` and `restrictions`. */
  readonly Fields: string;
  /** Issues a new key and revokes the old ones when it changes. */
  readonly Generation: string;
}

/** A request from CloudFormation to create, update or delete the resource. */
export type KeyResourceRequest =
  | { readonly type: 'Create'; readonly requestId: string; readonly properties: KeyResourceProperties }
  | {
      readonly type: 'Update';
      readonly requestId: string;
      readonly properties: KeyResourceProperties;
      readonly old: KeyResourceProperties;
    }
  | { readonly type: 'Delete'; readonly requestId: string };

export interface KeyResourceDependencies {
  readonly context: OperationContext;
  readonly rotation: SecretRotation;
  /** Revokes keys and flushes the authorizer caches. */
  readonly revokeAll: (prefixes: readonly string[], reason: string) => Promise<void>;
}

/**
 * Handles requests for the CloudFormation resource of a `KeySecret`. It issues the first key, applies changed fields to the
 * current key, and revokes the keys when the resource is deleted. Each request can be repeated.
 *
 * @throws {InvalidInputError} if a field is not valid, before anything is written
 */
export async function handleKeyResource(
  request: KeyResourceRequest,
  { context, rotation, revokeAll }: KeyResourceDependencies,
): Promise<void> {
  if (request.type === 'Delete') return revokeAll(await activeKeys(), 'its KeySecret was deleted');
  const fields = keyFieldsOf(request.properties, context);
  if (request.type === 'Create') return issue('its KeySecret was created again');
  const { old } = request;
  if (fields.ownerId !== ownerOf(old)) throw ownerChanged(ownerOf(old));
  if (request.properties.Generation !== old.Generation) return issue('generation of its KeySecret was increased');
  if (!isDeepStrictEqual(JSON.parse(request.properties.Fields), JSON.parse(old.Fields))) await applyToCurrentKey();

  async function issue(reason: string): Promise<void> {
    const before = await activeKeys();
    await rotation.runAll(request.requestId, fields);
    const [current] = await rotation.storedKeys();
    const ended = before.filter((prefix) => prefix !== current?.prefix);
    await revokeAll(ended, reason);
  }

  async function applyToCurrentKey(): Promise<void> {
    const [current] = await rotation.storedKeys();
    if (current === undefined)
      throw new RotationError({ code: 'no_current_key', message: `The secret has no key. ${ISSUE_ANEW}` });
    const { name, scopes, metadata, plan = null, limits = null, restrictions = null } = fields;
    await update(context, { prefix: current.prefix, name, scopes, metadata, plan, limits, restrictions });
  }

  async function activeKeys(): Promise<string[]> {
    const records = await withPredecessors(await rotation.storedKeys(), context);
    return records.filter(({ revokedAt }) => revokedAt === undefined).map(({ prefix }) => prefix);
  }
}

/** The most predecessors to revoke. Each is a rotation within the overlap of the next ones. */
const MAX_PREDECESSORS = 20;

/**
 * Adds the keys that were replaced and still work. After two rotations within the overlap, no version of the secret holds
 * the oldest of them.
 */
async function withPredecessors(stored: readonly StoredKey[], { keys, now }: OperationContext): Promise<StoredKey[]> {
  const records = new Map(stored.map((record) => [record.prefix, record]));
  let prefix = stored.at(0)?.rotatedFrom;
  for (let step = 0; prefix !== undefined && step < MAX_PREDECESSORS; step++) {
    const record: StoredKey | undefined = records.get(prefix) ?? (await keys.get(prefix, { consistent: true }));
    if (record === undefined || statusOf(record, now()) === 'expired') break;
    records.set(prefix, record);
    prefix = record.rotatedFrom;
  }
  return [...records.values()];
}

/** @throws {InvalidInputError} naming each invalid field and what it accepts */
function keyFieldsOf({ Fields }: KeyResourceProperties, { settings, now }: OperationContext): NewKeyFields {
  const { name, ownerId, scopes, metadata, plan, limits, restrictions } = checkInput(
    inputs.create(now(), settings),
    JSON.parse(Fields),
  );
  refuseLargeResult({ label: settings.label, name, ownerId, scopes, metadata, plan, limits }, settings);
  return { name, ownerId, scopes, metadata, plan, limits, restrictions };
}

function ownerOf({ Fields }: KeyResourceProperties): string | undefined {
  return (JSON.parse(Fields) as { ownerId?: string }).ownerId;
}

function ownerChanged(ownerId: string | undefined): InvalidInputError {
  const message = `the owner of a key cannot change. Keep ${ownerId ?? 'the key without an owner'}, or create another KeySecret`;
  return new InvalidInputError([{ field: 'ownerId', message }]);
}
