import type { KeySource } from '../../../src/gateway/credential.ts';
import { IMPORTED_FORMATS } from '../../../src/core/keys/imported-key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, type AuthorizerSettings } from '../../../src/gateway/settings.ts';
import { LABEL } from './world.ts';

export const DOORS = ['header', 'many places', 'imported', 'simple', 'cached', 'restricted', 'limiting'] as const;
/** A deployment of the authorizer: its key sources, the formats it accepts, and the restrictions it enforces. */
export type Door = (typeof DOORS)[number];

const MANY_PLACES: readonly KeySource[] = [
  { header: 'Authorization', scheme: 'Api-Key' },
  { header: 'x-api-key' },
  { query: 'api_key' },
];

const CHANGES: Record<Door, Partial<AuthorizerSettings>> = {
  header: {},
  'many places': { keySources: MANY_PLACES, contextMetadata: ['plan', 'constructor', '__proto__'] },
  imported: { importedFormats: IMPORTED_FORMATS },
  simple: { httpResponse: 'simple', unscopedKeys: 'nothing' },
  cached: { recordCacheSeconds: 60, unscopedKeys: 'nothing' },
  restricted: { restrictions: ['sourceIp', 'origin'], ownerSuspension: true },
  limiting: {},
};

export function settingsOf(door: Door): AuthorizerSettings {
  return { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, ...CHANGES[door] };
}

/** The authorizer's entry file in `functions/`, without the extension. */
export function functionOf(door: Door): string {
  return door === 'limiting' ? 'limiting-authorizer' : 'authorizer';
}
