import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { IMPORTED_FORMATS } from '../../../src/core/keys/imported-key.ts';
import {
  DEFAULT_MANAGEMENT_SETTINGS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  type SecretScanningSettings,
} from '../../../src/gateway/settings.ts';
import { GITHUB_KEY_ID, SIGNATURES, type LeakCase } from './leak-alerts.ts';
import { bodyOf } from './leak-oracle.ts';
import { LABEL, type Table } from './world.ts';

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signed = (body: Buffer, key: KeyObject) => createSign('sha256').update(body).sign(key, 'base64');

export interface GitHubStandIn {
  readonly settings: SecretScanningSettings;
  /** Replaces the signature placeholders of a case. */
  sign(one: LeakCase): string;
  stop(): void;
}

/** A fake GitHub that publishes a public key and signs bodies. */
export async function gitHubStandIn(): Promise<GitHubStandIn> {
  const [gitHub, another] = [newPair(), newPair()];
  const key = gitHub.publicKey.export({ type: 'spki', format: 'pem' });
  const published = JSON.stringify({ public_keys: [{ key_identifier: GITHUB_KEY_ID, key, is_current: true }] });
  const server = createServer((_request, response) => response.end(published)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    settings: {
      ...{ ...DEFAULT_MANAGEMENT_SETTINGS, ...DEFAULT_SECRET_SCANNING_SETTINGS },
      ...{ label: LABEL, importedFormats: IMPORTED_FORMATS },
      gitHubKeysUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    },
    sign: ({ payload }) => {
      const body = bodyOf(JSON.parse(payload));
      return payload
        .replaceAll(SIGNATURES.byGitHub, () => signed(body, gitHub.privateKey))
        .replaceAll(SIGNATURES.byAnother, () => signed(body, another.privateKey));
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The prefixes of all revoked keys. */
export async function revokedIn({ client, tableName }: Table): Promise<Set<string>> {
  const scan = { TableName: tableName, ConsistentRead: true, FilterExpression: 'attribute_exists(revokedAt)' };
  const prefixes = new Set<string>();
  for await (const { Items = [] } of paginateScan({ client }, scan))
    for (const { prefix } of Items as { prefix: string }[]) prefixes.add(prefix);
  return prefixes;
}
