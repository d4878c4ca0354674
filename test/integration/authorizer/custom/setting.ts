import { randomBytes } from 'node:crypto';
import { beforeAll } from 'vitest';
import type { AuthorizerEvent } from '../../../../src/authorizer/request.ts';
import type { CustomAuthorizer, AuthorizerOptions } from '../../../../src/authorizer/custom/custom-authorizer.ts';
import { digestOf } from '../../../../src/core/keys/digest.ts';
import { newKey, type UnverifiedKey } from '../../../../src/core/keys/key.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  toEnvironment,
  type AuthorizerSettings,
} from '../../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../../src/storage/dynamo.ts';
import type { StoredKey } from '../../../../src/storage/key-store.ts';
import { iamPermits } from '../../../support/core/scopes/iam-evaluator.ts';
import { aRecord, LABEL } from '../../../support/storage/records.ts';
import { testTable } from '../../../support/storage/test-table.ts';

/** The environment of an authorizer under test: a table in DynamoDB Local, settings, and a readable log. */
export function setting() {
  const log: Record<string, unknown>[] = [];
  let store: DynamoKeyStore | undefined;
  beforeAll(async () => {
    store = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
  });
  const keys = () => {
    if (store === undefined) throw new Error('the table is made before the tests');
    return store;
  };
  return {
    log,
    /** Returns the last line of the log. */
    last: () => log.at(-1),
    authorizerOptions: (settings: Partial<AuthorizerSettings> = {}): AuthorizerOptions => ({
      environment: toEnvironment('a-table', {
        ...DEFAULT_AUTHORIZER_SETTINGS,
        label: LABEL,
        lastUsedIntervalSeconds: 0,
        ...settings,
      }),
      keys: keys(),
      write: (line) => log.push(JSON.parse(line) as Record<string, unknown>),
    }),
    issued: async (fields: Partial<StoredKey> = {}): Promise<UnverifiedKey> => {
      const key = newKey({ label: LABEL, randomBytes });
      await keys().create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }));
      return key;
    },
  };
}

export const withKey = ({ text }: UnverifiedKey, more: Record<string, string> = {}) => ({
  headers: { 'X-Api-Key': text, ...more },
});

/** Returns the HTTP status that API Gateway would return, and the context that the API would receive. */
export async function ask<Context>(
  authorize: CustomAuthorizer<Context>,
  event: AuthorizerEvent,
): Promise<{ status: number; context?: unknown }> {
  try {
    const answer = await authorize(event);
    const { context } = answer;
    if ('isAuthorized' in answer) return { status: answer.isAuthorized ? 200 : 403, context };
    const arn = 'routeArn' in event ? event.routeArn : event.methodArn;
    const permitted = iamPermits(answer.policyDocument as Parameters<typeof iamPermits>[0], arn);
    return { status: permitted ? 200 : 403, context };
  } catch (error) {
    return { status: (error as Error).message === 'Unauthorized' ? 401 : 500 };
  }
}
