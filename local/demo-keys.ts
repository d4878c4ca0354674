import type { Limits } from '../src/core/limits/limits.ts';
import type { IssuedKey } from '../src/management/operations/issue-key.ts';
import type { Local } from './server.ts';

/** A key to try, and its public prefix. */
export interface DemoKey {
  readonly key: string;
  readonly prefix: string;
}

/** Makes a key by the function that makes everybody's. */
export async function makeDemoKey(
  local: Pick<Local, 'function'>,
  input: { readonly name: string; readonly scopes?: readonly string[]; readonly limits?: Limits },
): Promise<DemoKey> {
  const outcome = await local.function('create-key').invoke(JSON.stringify(input));
  if (!outcome.ok) throw new Error(`the demo key could not be made: ${outcome.error.errorMessage}`);
  const { key, record } = JSON.parse(outcome.payload) as IssuedKey;
  if (key === null) throw new Error('the demo key was not shown');
  return { key, prefix: record.prefix };
}
