import { describe, expect, it } from 'vitest';
import {
  AUTHORIZER_FIELDS,
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_EVENT_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  eventBusName,
  fromEnvironment,
  MANAGEMENT_FIELDS,
  toEnvironment,
  usagePlanIds,
} from '../../../src/gateway/settings.ts';

describe('settings', () => {
  it.each([
    ['authorizer', AUTHORIZER_FIELDS, DEFAULT_AUTHORIZER_SETTINGS],
    ['management', MANAGEMENT_FIELDS, DEFAULT_MANAGEMENT_SETTINGS],
    ['management', MANAGEMENT_FIELDS, { ...DEFAULT_MANAGEMENT_SETTINGS, ...DEFAULT_SECRET_SCANNING_SETTINGS }],
  ] as const)('settings of an %s function are read unchanged from the environment', (_kind, fields, settings) => {
    expect(fromEnvironment(toEnvironment('keys', settings), fields)).toEqual({ tableName: 'keys', settings });
  });

  it.each([
    ['authorizer', AUTHORIZER_FIELDS, DEFAULT_AUTHORIZER_SETTINGS],
    ['management', MANAGEMENT_FIELDS, DEFAULT_MANAGEMENT_SETTINGS],
  ] as const)('settings of an %s function throw an error that names a missing field', (_kind, fields, settings) => {
    for (const field of Object.keys(settings)) {
      const partial = { ...settings, [field]: undefined };
      expect(() => fromEnvironment(toEnvironment('keys', partial), fields)).toThrow(
        `LATCHKEY_SETTINGS has no field "${field}"`,
      );
    }
  });

  it.each(['LATCHKEY_TABLE', 'LATCHKEY_SETTINGS'])('throws an error that names %s if it is not set', (name) => {
    const environment = toEnvironment('keys', DEFAULT_MANAGEMENT_SETTINGS);
    for (const value of [undefined, ''])
      expect(() => fromEnvironment({ ...environment, [name]: value }, MANAGEMENT_FIELDS)).toThrow(
        `the environment variable ${name} is not set`,
      );
  });

  it('reads the settings of usage plans from a separate variable', () => {
    expect(usagePlanIds({ LATCHKEY_USAGE_PLANS: '{"free":"a1b2c3"}' })).toEqual({ free: 'a1b2c3' });
    expect(() => usagePlanIds({})).toThrow('LATCHKEY_USAGE_PLANS');
  });

  it('reads the name of the event bus from a separate variable', () => {
    expect(eventBusName({ LATCHKEY_EVENT_BUS: 'a-bus' })).toBe('a-bus');
    expect(() => eventBusName({})).toThrow('the environment variable LATCHKEY_EVENT_BUS is not set');
  });

  it('uses the defaults that the docs and the construct name', () => {
    expect(DEFAULT_AUTHORIZER_SETTINGS).toEqual({
      label: 'lk',
      importedFormats: [],
      keySources: [{ header: 'x-api-key' }],
      unscopedKeys: 'whole-stage',
      plans: {},
      usagePlans: false,
      contextMetadata: [],
      httpResponse: 'iam',
      lastUsedIntervalSeconds: 60 * 60,
      lookupTimeoutMs: 3000,
      recordCacheSeconds: 0,
      ownerSuspension: false,
      restrictions: [],
    });
    expect(DEFAULT_MANAGEMENT_SETTINGS).toEqual({
      label: 'lk',
      importedFormats: [],
      retentionSeconds: 90 * 24 * 60 * 60,
      plans: {},
      ownerSuspension: false,
      restrictions: [],
    });
    expect(DEFAULT_SECRET_SCANNING_SETTINGS).toEqual({
      leakedKeys: 'revoke',
      gitHubKeysUrl: 'https://api.github.com/meta/public_keys/secret_scanning',
    });
    expect(DEFAULT_EVENT_SETTINGS).toEqual({ ...DEFAULT_MANAGEMENT_SETTINGS, expiryNoticeDays: [7, 1] });
  });
});
