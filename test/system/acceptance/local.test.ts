import { afterAll, describe, inject } from 'vitest';
import { randomUUID } from 'node:crypto';
import { FUNCTION_NAMES } from '../../support/management/function-names.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { startLocal, type Local } from '../../../local/server.ts';
import type { Place } from './place.ts';
import { acceptance } from './suite.ts';

/** The construct's default. */
const CACHE_TTL_SECONDS = 60;

describe('the local server', () => {
  let local: Local;
  afterAll(() => local.stop());

  acceptance(async (): Promise<Place> => {
    local = await startLocal({
      flushSettleMs: 300,
      port: 0,
      adminPort: 0,
      dynamodbEndpoint: inject('dynamodbEndpoint'),
      table: `acceptance-${randomUUID()}`,
      cacheTtlSeconds: CACHE_TTL_SECONDS,
    });
    return {
      sample: { url: local.apiUrl },
      admin: { url: local.adminUrl },
      functionNames: FUNCTION_NAMES,
      aws: { endpoint: local.adminUrl, region: REGION, credentials: CREDENTIALS },
      cacheTtlSeconds: CACHE_TTL_SECONDS,
    };
  });
});
