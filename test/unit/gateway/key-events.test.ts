import { describe, expect, it } from 'vitest';
import {
  eventsOfChange,
  expiryEvent,
  limitEvent,
  type KeyChange,
  type KeyEvent,
} from '../../../src/gateway/key-events.ts';
import type { KeyRecord } from '../../../src/core/keys/record.ts';

const NOW = Date.UTC(2027, 0, 15, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ISO_NOW = '2027-01-15T12:00:00.000Z';
const record: KeyRecord = {
  prefix: 'abcdefghijkl',
  label: 'lk',
  digest: 'sha256$secret',
  name: 'Checkout',
  ownerId: 'acme',
  scopes: ['GET /orders'],
  metadata: { tier: 'gold', seats: 5 },
  plan: 'free',
  limits: { rate: '1/s', quota: '9/day' },
  createdAt: NOW - DAY,
  version: 1,
};
const facts = {
  keyId: 'abcdefghijkl',
  label: 'lk',
  name: 'Checkout',
  ownerId: 'acme',
  scopes: ['GET /orders'],
  metadata: { tier: 'gold', seats: 5 },
  plan: 'free',
  limits: { rate: '1/s', quota: '9/day' },
  createdAt: '2027-01-14T12:00:00.000Z',
};
const eventsOf = (change: Partial<KeyChange>) => eventsOfChange({ id: 'change-1', at: NOW, ...change });
const changed = (fields: Partial<KeyRecord>, before = record) => eventsOf({ before, after: { ...before, ...fields } });
const idsOf = (events: readonly KeyEvent[]) => events.map(({ detail }) => detail.metadata.eventId);

describe('the event of a changed key', () => {
  it('describes a new key and its time, without its digest or version', () => {
    expect(eventsOf({ after: record })).toEqual([
      {
        type: 'API Key Created',
        detail: {
          metadata: { version: '1', eventId: 'abcdefghijkl/created/change-1', occurredAt: ISO_NOW },
          data: { key: facts },
        },
      },
    ]);
  });

  it('describes a new key that has every field', () => {
    const full: KeyRecord = {
      ...record,
      expiresAt: NOW + DAY,
      revokedAt: NOW,
      replacedBy: 'successor000',
      rotatedFrom: 'predecessor0',
      importedFrom: 'drf',
    };
    const [event] = eventsOf({ after: full });
    expect(event?.detail.data.key).toEqual({
      ...facts,
      expiresAt: '2027-01-16T12:00:00.000Z',
      revokedAt: ISO_NOW,
      replacedBy: 'successor000',
      rotatedFrom: 'predecessor0',
      importedFrom: 'drf',
    });
  });

  it('names the changed fields of an updated key, with their new values', () => {
    const all = {
      name: 'Billing',
      ownerId: undefined,
      scopes: [],
      metadata: { tier: 'gold' },
      plan: 'pro',
      limits: { rate: '2/s' },
      expiresAt: NOW + DAY,
    };
    const [event, another] = changed(all);
    expect(another).toBeUndefined();
    expect(event).toMatchObject({
      type: 'API Key Updated',
      detail: { metadata: { eventId: 'abcdefghijkl/updated/change-1', occurredAt: ISO_NOW } },
    });
    expect(event?.detail.data).toMatchObject({ changed: Object.keys(all), key: { name: 'Billing', plan: 'pro' } });
    for (const [fact, value] of Object.entries(all))
      expect(changed({ [fact]: value }), fact).toMatchObject([{ detail: { data: { changed: [fact] } } }]);
  });

  it('sends no event for a use, a version, or reordered fields of a map', () => {
    expect(changed({ lastUsedAt: NOW, version: 2, digest: 'sha256$other' })).toEqual([]);
    expect(changed({ metadata: { seats: 5, tier: 'gold' }, limits: { quota: '9/day', rate: '1/s' } })).toEqual([]);
    expect(eventsOf({})).toEqual([]);
  });

  it('sends an event for reordered scopes, because a list has an order', () => {
    const before = { ...record, scopes: ['GET /a', 'GET /b'] };
    expect(changed({ scopes: ['GET /b', 'GET /a'] }, before)).toMatchObject([
      { detail: { data: { changed: ['scopes'] } } },
    ]);
  });

  it('describes a rotation with the successor and the expiry, without an update event for the expiry', () => {
    const end = NOW + DAY;
    expect(changed({ replacedBy: 'successor000', expiresAt: end })).toMatchObject([
      {
        type: 'API Key Rotated',
        detail: {
          metadata: { eventId: 'abcdefghijkl/rotated/change-1' },
          data: { replacedBy: 'successor000', endsAt: '2027-01-16T12:00:00.000Z', key: { keyId: 'abcdefghijkl' } },
        },
      },
    ]);
    expect(changed({ replacedBy: 'successor000' })).toMatchObject([{ detail: { data: { endsAt: ISO_NOW } } }]);
  });

  it('sends no second rotation event, and allows the expiry of a rotated key to change', () => {
    const before = { ...record, replacedBy: 'successor000', expiresAt: NOW + DAY };
    expect(changed({ expiresAt: NOW + HOUR }, before)).toMatchObject([
      { type: 'API Key Updated', detail: { data: { changed: ['expiresAt'] } } },
    ]);
  });

  it('describes a revocation once, with its time and the reason if there is one', () => {
    const [event, another] = changed({ revokedAt: NOW, revokedReason: 'leaked' });
    expect(another).toBeUndefined();
    expect(event).toMatchObject({
      type: 'API Key Revoked',
      detail: { metadata: { eventId: 'abcdefghijkl/revoked/change-1' } },
    });
    expect(event?.detail.data).toMatchObject({ revokedAt: ISO_NOW, reason: 'leaked', key: { revokedAt: ISO_NOW } });
    expect(changed({ revokedAt: NOW })[0]?.detail.data).not.toHaveProperty('reason');
    expect(changed({ revokedReason: 'again' }, { ...record, revokedAt: NOW })).toEqual([]);
  });

  it('describes a disabled or enabled key, with who disabled it and why', () => {
    const disabled = { ...record, disabledAt: NOW, disabledReason: 'unpaid', disabledBy: 'support' };
    expect(eventsOf({ before: record, after: disabled })).toMatchObject([
      {
        type: 'API Key Disabled',
        detail: { data: { disabledAt: ISO_NOW, reason: 'unpaid', by: 'support', key: { disabledAt: ISO_NOW } } },
      },
    ]);
    expect(eventsOf({ before: disabled, after: record })).toMatchObject([{ type: 'API Key Enabled' }]);
    expect(eventsOf({ before: disabled, after: { ...record, revokedAt: NOW } })).toMatchObject([
      { type: 'API Key Revoked' },
    ]);
    expect(eventsOf({ before: disabled, after: { ...disabled, disabledReason: 'abuse' } })).toEqual([]);
  });

  it('sends three events for a key that is rotated, revoked and renamed at once', () => {
    const events = changed({ replacedBy: 'successor000', expiresAt: NOW, revokedAt: NOW, name: 'old' });
    expect(events.map(({ type }) => type)).toEqual(['API Key Rotated', 'API Key Revoked', 'API Key Updated']);
    expect(events[2]?.detail.data).toMatchObject({ changed: ['name'] });
  });

  it('describes a deleted key', () => {
    expect(eventsOf({ before: record })).toEqual([
      {
        type: 'API Key Deleted',
        detail: {
          metadata: { version: '1', eventId: 'abcdefghijkl/deleted/change-1', occurredAt: ISO_NOW },
          data: { key: facts },
        },
      },
    ]);
  });

  it.each([
    ['expired just now', { expiresAt: NOW }, true],
    ['expired within the last day', { expiresAt: NOW - DAY + 1 }, true],
    ['expired a day ago, and was announced', { expiresAt: NOW - DAY }, false],
    ['had not expired yet', { expiresAt: NOW + 1 }, false],
    ['was revoked before it expired', { expiresAt: NOW, revokedAt: NOW - HOUR }, false],
    ['had no expiry', {}, false],
  ])('describes the removal of a key that %s', (_when, fields, told) => {
    const events = eventsOf({ before: { ...record, ...fields } });
    expect(events.map(({ type }) => type)).toEqual([...(told ? ['API Key Expired'] : []), 'API Key Deleted']);
  });
});

describe('the event of an expiry', () => {
  const end = NOW + 7 * DAY;
  const ISO_END = '2027-01-22T12:00:00.000Z';

  it('describes an expiry with its time', () => {
    expect(expiryEvent({ ...record, expiresAt: end }, end, 0)).toEqual({
      type: 'API Key Expired',
      detail: {
        metadata: { version: '1', eventId: `abcdefghijkl/expired/${ISO_END}`, occurredAt: ISO_END },
        data: { key: { ...facts, expiresAt: ISO_END }, expiresAt: ISO_END },
      },
    });
  });

  it('describes a coming expiry with the days left, at the time of the notice', () => {
    expect(expiryEvent({ ...record, expiresAt: end }, end, 7)).toEqual({
      type: 'API Key Expiring',
      detail: {
        metadata: { version: '1', eventId: `abcdefghijkl/expiring/${ISO_END}/7d`, occurredAt: ISO_NOW },
        data: { key: { ...facts, expiresAt: ISO_END }, expiresAt: ISO_END, noticeDays: 7 },
      },
    });
  });

  it('uses the same event id for an expiry from every sender, and another one for another expiry or notice', () => {
    const key = { ...record, expiresAt: NOW };
    const removed = eventsOf({ before: key });
    expect(idsOf(removed)[0]).toBe(idsOf([expiryEvent(key, NOW, 0)])[0]);
    const ids = [0, 1, 7].flatMap((days) => idsOf([expiryEvent(key, NOW, days), expiryEvent(key, NOW + 1, days)]));
    expect(new Set(ids).size).toBe(6);
  });
});

describe('the event of a limit', () => {
  const reached = {
    keyId: 'abcdefghijkl',
    limit: 'quota',
    allowed: '9/day',
    from: NOW - 12 * HOUR,
    until: NOW + 12 * HOUR,
    at: NOW,
  } as const;

  it('describes the limit that was reached, what it allows, and its window', () => {
    expect(limitEvent(record, reached)).toEqual({
      type: 'API Key Limit Reached',
      detail: {
        metadata: {
          version: '1',
          eventId: 'abcdefghijkl/limit-reached/quota/9/day/2027-01-15T00:00:00.000Z',
          occurredAt: ISO_NOW,
        },
        data: {
          key: facts,
          limit: 'quota',
          allowed: '9/day',
          from: '2027-01-15T00:00:00.000Z',
          until: '2027-01-16T00:00:00.000Z',
        },
      },
    });
  });

  it('uses one event id per limit and window, and another one after the limit is raised', () => {
    const [first, again, raised, later] = idsOf([
      limitEvent(record, reached),
      limitEvent(record, { ...reached, at: NOW + 1 }),
      limitEvent(record, { ...reached, allowed: '10/day' }),
      limitEvent(record, { ...reached, from: NOW }),
    ]);
    expect(again).toBe(first);
    expect(new Set([first, raised, later]).size).toBe(3);
  });
});
