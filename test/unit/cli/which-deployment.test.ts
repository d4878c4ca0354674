import { afterEach, expect, it, vi } from 'vitest';
import { LOCAL_URL } from '../../../cli/deployment/local.ts';
import { localUrl } from '../../../cli/deployment/options.ts';

const FROM_ENVIRONMENT = 'http://127.0.0.1:1';
afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  [{}, FROM_ENVIRONMENT],
  [{ endpoint: 'http://127.0.0.1:2' }, 'http://127.0.0.1:2'],
  [{ local: true }, LOCAL_URL],
  [{ stack: 'Latchkey' }, undefined],
  [{ region: 'eu-west-1' }, undefined],
  [{ profile: 'support' }, undefined],
] as const)('gives flags precedence over LATCHKEY_ENDPOINT: %j', (flags, url) => {
  vi.stubEnv('LATCHKEY_ENDPOINT', FROM_ENVIRONMENT);
  expect(localUrl(flags)).toBe(url);
});
