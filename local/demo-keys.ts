import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Limits } from '../src/core/limits/limits.ts';
import type { IssuedKey } from '../src/management/operations/issue-key.ts';
import type { Local } from './server.ts';

const demoKeySchema = z.strictObject({ key: z.string(), prefix: z.string() });
const demoKeysSchema = z.strictObject({ demoKey: demoKeySchema, scopedKey: demoKeySchema, limitedKey: demoKeySchema });

/** A key that `npm start` prints, and its public prefix. */
export type DemoKey = z.output<typeof demoKeySchema>;

/** The keys that `npm start` prints. */
export type DemoKeys = z.output<typeof demoKeysSchema>;

/**
 * Creates the keys that `npm start` prints. With a data folder, keeps them in a file that only the user can read, and uses them
 * again as long as all of them are active.
 */
export async function createDemoKeys(local: Pick<Local, 'function'>, dataFolder?: string): Promise<DemoKeys> {
  const file = dataFolder === undefined ? undefined : join(dataFolder, 'demo-keys.json');
  const stored = file === undefined ? undefined : await readDemoKeys(file);
  if (stored !== undefined && (await areActive(local, Object.values(stored)))) return stored;
  const keys = {
    demoKey: await createDemoKey(local, { name: 'demo' }),
    scopedKey: await createDemoKey(local, { name: 'demo, orders only', scopes: ['GET /orders/*'] }),
    limitedKey: await createDemoKey(local, { name: 'demo, limited', limits: { rate: '2/min' } }),
  };
  if (file !== undefined) await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
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

async function readDemoKeys(file: string): Promise<DemoKeys | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return demoKeysSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function areActive(local: Pick<Local, 'function'>, keys: readonly DemoKey[]): Promise<boolean> {
  const verify = local.function('verify-key');
  const outcomes = await Promise.all(keys.map(({ key }) => verify.invoke(JSON.stringify({ key }))));
  return outcomes.every((outcome) => outcome.ok && (JSON.parse(outcome.payload) as { valid?: boolean }).valid === true);
}
