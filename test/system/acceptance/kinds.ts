import { randomBytes } from 'node:crypto';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { randomBase62 } from '../../../src/core/keys/base62.ts';
import { newKey, PREFIX_LENGTH } from '../../../src/core/keys/key.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { Flushed } from '../../../src/management/operations/flushing.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { send, type Endpoint } from './http.ts';

export type Kind = 'rest' | 'http' | 'websocket';

/** A deployed API of one kind, behind the authorizer, with its key in the header `x-api-key`. */
export interface KindPlace {
  readonly endpoint: Endpoint;
  readonly label: string;
  readonly createFunction: string;
  readonly revokeFunction: string;
  readonly aws: LambdaClientConfig;
  /** In seconds; 0 if API Gateway caches nothing. */
  readonly cacheTtlSeconds: number;
}

/** The statuses of docs/kinds-of-api.md, where the key can only be in one header. */
const STATUSES: Readonly<Record<Kind, { missing: number; malformed: number; allowed: number }>> = {
  rest: { missing: 401, malformed: 401, allowed: 200 },
  http: { missing: 401, malformed: 403, allowed: 200 },
  websocket: { missing: 401, malformed: 401, allowed: 101 },
};
const DENIED = 403;

/** The time for a cache entry to disappear after its TTL, in milliseconds. */
const CACHE_MARGIN_MS = 15_000;

export interface StatusDifferences {
  /** The status for an authorizer that throws `Unauthorized`, where the place differs from AWS. */
  readonly unauthorized?: number;
}

/** Creates and revokes the keys of one deployment. */
export class Keys {
  readonly #place: KindPlace;
  readonly #lambda: LambdaClient;

  constructor(place: KindPlace) {
    this.#place = place;
    this.#lambda = new LambdaClient(place.aws);
  }

  async create(input: object = {}): Promise<{ key: string; prefix: string; expiresAt: string | null | undefined }> {
    const { key, record } = await this.#invoke<IssuedKey>(this.#place.createFunction, { name: 'Acceptance', ...input });
    if (key === null) throw new Error('The response has no key.');
    return { key, prefix: record.prefix, expiresAt: record.expiresAt };
  }

  revoke(prefix: string): Promise<Flushed<KeyView>> {
    return this.#invoke(this.#place.revokeFunction, { prefix });
  }

  close(): void {
    this.#lambda.destroy();
  }

  async #invoke<Output>(FunctionName: string, input: object): Promise<Output> {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) });
    const { FunctionError, Payload } = await this.#lambda.send(command);
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${text}`);
    return JSON.parse(text) as Output;
  }
}

/** Opens a WebSocket connection, closes it, and returns the status of the handshake. */
export function connect({ url, host }: Endpoint, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers: { ...headers, ...(host === undefined ? {} : { host }) } });
    socket.on('upgrade', ({ statusCode }) => {
      resolve(statusCode ?? 0);
      socket.close();
    });
    socket.on('unexpected-response', (_, { statusCode }) => {
      resolve(statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', reject);
  });
}

/** The status of a request, or of a WebSocket handshake. */
export async function statusOf(kind: Kind, endpoint: Endpoint, key?: string, route = 'GET /orders/1'): Promise<number> {
  const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };
  if (kind === 'websocket') return connect(endpoint, headers);
  const [method = '', path = ''] = route.split(' ');
  return (await send(endpoint, { method, path, headers })).status;
}

/** Tests the status codes of one kind of API against docs/kinds-of-api.md. */
export function kindAcceptance(kind: Kind, placeOf: () => KindPlace, differences: StatusDifferences = {}): void {
  const { allowed, ...documented } = STATUSES[kind];
  const onAuthorizerFailure = documented.malformed === 401 ? (differences.unauthorized ?? 401) : documented.malformed;
  const statuses = {
    // API Gateway itself rejects a request without its identity source. A WebSocket API calls the authorizer.
    missing: kind === 'websocket' ? onAuthorizerFailure : documented.missing,
    malformed: onAuthorizerFailure,
  };
  let place: KindPlace;
  let keys: Keys;
  beforeAll(() => {
    place = placeOf();
    keys = new Keys(place);
  });
  afterAll(() => {
    keys.close();
  });
  const status = (key?: string, route?: string) => statusOf(kind, place.endpoint, key, route);

  it(`a ${kind} API allows a request with a key`, async () => {
    expect(await status((await keys.create()).key)).toBe(allowed);
  });

  it(`a ${kind} API rejects a request without a key with ${String(statuses.missing)}`, async () => {
    expect(await status()).toBe(statuses.missing);
  });

  it(`a ${kind} API rejects a malformed key with ${String(statuses.malformed)}`, async () => {
    const { key } = await keys.create();
    expect(await status('nonsense')).toBe(statuses.malformed);
    expect(await status(`${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`)).toBe(statuses.malformed);
  });

  it(`a ${kind} API rejects a well-formed key that was never issued with ${String(DENIED)}`, async () => {
    const { prefix } = await keys.create();
    const { label } = place;
    const unknown = newKey({ label, prefix: randomBase62(PREFIX_LENGTH, randomBytes), randomBytes });
    const forged = newKey({ label, prefix, randomBytes });
    expect([await status(unknown.text), await status(forged.text)]).toEqual([DENIED, DENIED]);
  });

  it(`a ${kind} API rejects an expired key with ${String(DENIED)}`, async () => {
    const { key, expiresAt } = await keys.create({ expires: '2s' });
    // The clock of another machine decides, so they may differ by a second.
    await delay(Date.parse(expiresAt ?? '') - Date.now() + 1000);
    expect(await status(key)).toBe(DENIED);
  });

  it(`a ${kind} API rejects a route outside of the key's scopes with ${String(DENIED)}`, async () => {
    if (kind === 'websocket') {
      expect(await status((await keys.create({ scopes: ['GET /orders/*'] })).key)).toBe(DENIED);
      expect(await status((await keys.create({ scopes: ['$connect'] })).key)).toBe(allowed);
      return;
    }
    const { key } = await keys.create({ scopes: ['GET /orders/*'] });
    const routes = ['GET /orders/1', 'DELETE /orders/1', 'GET /admin', 'GET /orders/2', 'GET /orders/1'];
    const seen = [];
    for (const route of routes) seen.push(await status(key, route));
    expect(seen).toEqual([allowed, DENIED, DENIED, allowed, allowed]);
  });

  describe('revocation', () => {
    it(`a ${kind} API rejects a revoked key that was never used with ${String(DENIED)}`, async () => {
      const { key, prefix } = await keys.create();
      await keys.revoke(prefix);
      expect(await status(key)).toBe(DENIED);
    });

    it(`a ${kind} API rejects a revoked key after its cache TTL at the latest`, { timeout: 180_000 }, async () => {
      const { key, prefix } = await keys.create();
      expect(await status(key)).toBe(allowed);
      await keys.revoke(prefix);
      const timeout = place.cacheTtlSeconds * 1000 + CACHE_MARGIN_MS;
      await vi.waitUntil(async () => (await status(key)) === DENIED, { timeout, interval: 500 });
    });
  });
}
