import type { Limits } from '../src/core/limits/limits.ts';
import type { IssuedKey } from '../src/management/operations/issue-key.ts';
import type { Local } from './server.ts';

/** A key that `npm start` prints, and its public prefix. */
export interface DemoKey {
  readonly key: string;
  readonly prefix: string;
}

/** Creates a key with the function `create-key`. */
export async function createDemoKey(
  local: Pick<Local, 'function'>,
  input: { readonly name: string; readonly scopes?: readonly string[]; readonly limits?: Limits },
): Promise<DemoKey> {
  const outcome = await local.function('create-key').invoke(JSON.stringify(input));
  if (!outcome.ok) throw new Error(`create-key failed: ${outcome.error.errorMessage}`);
  const { key, record } = JSON.parse(outcome.payload) as IssuedKey;
  if (key === null) throw new Error('create-key returned no key');
  return { key, prefix: record.prefix };
}
