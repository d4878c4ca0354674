import type { KeyRecord, MetadataValue } from '../core/keys/record.ts';
import { withoutUndefined, type Limits } from '../core/limits/limits.ts';
import { METADATA_PREFIX, SCOPE_SEPARATOR } from './context-fields.ts';

/**
 * What the authorizer passes to the API about the caller. API Gateway accepts strings, numbers, and booleans, without
 * nesting. REST and WebSocket APIs pass them on as strings, HTTP APIs as they are.
 */
export type AuthorizerContext = Record<string, MetadataValue>;

/**
 * Returns what the authorizer passes to the API about a verified key. `readCaller` reads it there.
 *
 * @param record the record of the key
 * @param contextMetadata names of the metadata fields to pass on
 * @param limits the effective limits, which include those of the key's plan. @default the limits of the record
 */
export function contextOf(
  record: KeyRecord,
  contextMetadata: readonly string[],
  limits: Limits | undefined = record.limits,
): AuthorizerContext {
  const { prefix: keyId, name, ownerId, plan, countsAs, metadata } = record;
  const scopes = record.scopes.join(SCOPE_SEPARATOR);
  // API Gateway rejects a context with `undefined` in it.
  const context = withoutUndefined<MetadataValue>({ keyId, name, ownerId, scopes, plan, ...limits, countsAs });
  for (const field of contextMetadata) {
    const value = Object.hasOwn(metadata, field) ? metadata[field] : undefined;
    if (value !== undefined) context[METADATA_PREFIX + field] = value;
  }
  return context;
}
