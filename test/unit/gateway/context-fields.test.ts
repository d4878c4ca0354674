import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../src/gateway/context.ts';
import { isCustomField, RESERVED_FIELDS } from '../../../src/gateway/context-fields.ts';
import { aRecord } from '../../support/storage/records.ts';

describe('a custom field of the context', () => {
  it.each(['tenant', 'T', 'tenant_id', 'tenant2', 'metadata', 'keyid', 'xmeta_plan'])(
    'accepts the custom context field %s',
    (field) => {
      expect(isCustomField(field)).toBe(true);
    },
  );

  it.each(['', '1tenant', '_tenant', 'tenant-id', 'tenant.id', 'tenant id', 'tenant!', 'é', 'meta_', 'meta_plan'])(
    'rejects the custom context field %j',
    (field) => {
      expect(isCustomField(field)).toBe(false);
    },
  );

  it.each(RESERVED_FIELDS)('rejects the custom context field %s, which is reserved', (field) => {
    expect(isCustomField(field)).toBe(false);
  });

  it('reserves every field that the authorizer writes or that API Gateway adds', () => {
    const record = aRecord({
      ownerId: 'acme',
      scopes: ['GET /'],
      plan: 'free',
      limits: { rate: '1/s', burst: 2, quota: '9/day' },
      countsAs: 'abcdefghijkl',
      metadata: { seats: 5 },
    });
    const written = Object.keys(contextOf(record, ['seats']));
    expect(written).toHaveLength(10);
    for (const field of [...written, 'authorizedBy', 'subject', 'principalId', 'integrationLatency'])
      expect(isCustomField(field), field).toBe(false);
  });
});
