import { basename } from 'node:path';
import { toEnvironment, DEFAULT_AUTHORIZER_SETTINGS, type AuthorizerSettings } from '../src/gateway/settings.ts';
import { CREDENTIALS, REGION } from '../local/account.ts';
import { bundle, sizesOf } from '../scripts/bundle.ts';
import type { Measurement } from './child.ts';
import { restEvent } from './events.ts';
import { LABEL, type FilledTable } from './keys.ts';
import { BUILT, measure, type Variant } from './process.ts';

const AUTHORIZER = 'functions/authorizer.ts';

/** The variants that look up one key, from the minimum to common code. */
export type VariantName = keyof typeof VARIANTS;
const VARIANTS = {
  empty: 'an empty handler',
  floor: 'floor: one hand-signed GetItem, keep-alive',
  ownConnection: "the same over the authorizer's connection",
  undici: 'the same over undici',
  authorizer: 'the authorizer',
  cached: 'the authorizer with `recordCache`, repeated keys',
  oneFile: 'the authorizer in one file, without lazy loading',
  compileCache: 'the authorizer with a V8 compile cache',
  onSdk: "the authorizer on the SDK's clients",
  sdkParts: "a GetItem with the SDK's signer and HTTP handler",
  sdk: "a GetItem with the SDK's client",
  sdkMiddy: 'the same with lib-dynamodb and middy',
} as const;

export const NAMES: Readonly<Record<VariantName, string>> = VARIANTS;

/** Rejections that are measured. */
export type Refusal = 'malformed' | 'unknown' | 'revoked';

/** Variants without I/O are called this many times as often. */
const WITHOUT_IO = 20;

export interface Plan {
  readonly rounds: number;
  readonly warmCalls: number;
  /** Further cold starts per variant and round. */
  readonly coldStarts: number;
}

export interface Decisions {
  /** By variant, one value per round. */
  readonly warm: Record<VariantName, Measurement[]>;
  readonly cold: Record<VariantName, Measurement[]>;
  readonly refused: Record<Refusal, Measurement[]>;
  /** The bytes that a cold start reads, by variant. */
  readonly bytes: Record<VariantName, number>;
}

/** Builds all variants as the functions are built. */
export async function buildVariants(): Promise<Record<VariantName, Variant>> {
  await bundle('bench/child.ts', `${BUILT}/child`);
  const variant = async (
    entry: string,
    { environment = {}, ...options }: { environment?: Record<string, string>; splitting?: boolean } = {},
  ): Promise<Variant> => {
    const folder = `${BUILT}/${basename(entry, '.ts')}${options.splitting === false ? '-in-one-file' : ''}`;
    const metafile = await bundle(entry, folder, options);
    return { bundle: `${folder}/index.mjs`, bytes: sizesOf(metafile).loaded, environment };
  };
  return {
    empty: await variant('bench/variants/empty.ts'),
    floor: await variant('bench/variants/floor.ts'),
    ownConnection: await variant('bench/variants/own-connection.ts'),
    undici: await variant('bench/variants/undici-pool.ts'),
    authorizer: await variant(AUTHORIZER),
    cached: await variant(AUTHORIZER, { environment: settings('', { recordCacheSeconds: 3600 }) }),
    oneFile: await variant(AUTHORIZER, { splitting: false }),
    compileCache: await variant(AUTHORIZER, { environment: { NODE_COMPILE_CACHE: `${BUILT}/compile-cache` } }),
    onSdk: await variant('bench/variants/authorizer-on-sdk.ts'),
    sdkParts: await variant('bench/variants/sdk-parts.ts'),
    sdk: await variant('bench/variants/sdk.ts'),
    sdkMiddy: await variant('bench/variants/sdk-middy.ts'),
  };
}

/** The environment of every variant. */
export function environmentOf(endpoint: string, tableName: string): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    LATCHKEY_TABLE: tableName,
    ...settings(tableName),
  };
}

function settings(tableName: string, changes: Partial<AuthorizerSettings> = {}): Record<string, string> {
  const { LATCHKEY_SETTINGS = '' } = toEnvironment(tableName, {
    ...DEFAULT_AUTHORIZER_SETTINGS,
    label: LABEL,
    // A day, so that a run of more than an hour doesn't write `lastUsedAt`.
    lastUsedIntervalSeconds: 24 * 3600,
    ...changes,
  });
  return { LATCHKEY_SETTINGS };
}

/** Measures every variant once per round, one after another, so that the load of the machine affects all of them. */
export async function measureDecisions(
  variants: Record<VariantName, Variant>,
  endpoint: string,
  keys: FilledTable,
  { rounds, warmCalls, coldStarts }: Plan,
  progress: (done: string) => void,
): Promise<Decisions> {
  const common = environmentOf(endpoint, keys.tableName);
  const good = keys.samples.map(restEvent);
  const [sample = ''] = keys.samples;
  const refusals: Record<Refusal, object> = {
    malformed: restEvent(`${sample.slice(0, -1)}${sample.endsWith('0') ? '1' : '0'}`),
    unknown: restEvent(keys.unknown),
    revoked: restEvent(keys.revoked),
  };
  const names = Object.keys(variants) as VariantName[];
  const each = <Name extends string>(of: readonly Name[]) =>
    Object.fromEntries(of.map((name) => [name, [] as Measurement[]])) as Record<Name, Measurement[]>;
  const warm = each(names);
  const cold = each(names);
  const refused = each(Object.keys(refusals) as Refusal[]);

  for (let round = 1; round <= rounds; round++) {
    for (let start = 0; start < coldStarts; start++)
      for (const name of names) cold[name].push(await measure(variants[name], { events: good, warmCalls: 0 }, common));
    for (const name of names) {
      const calls = name === 'cached' || name === 'empty' ? warmCalls * WITHOUT_IO : warmCalls;
      warm[name].push(await measure(variants[name], { events: good, warmCalls: calls }, common));
    }
    for (const [name, event] of Object.entries(refusals) as [Refusal, object][]) {
      const calls = name === 'malformed' ? warmCalls * WITHOUT_IO : warmCalls;
      refused[name].push(await measure(variants.authorizer, { events: [event], warmCalls: calls }, common));
    }
    progress(`decisions: round ${String(round)} of ${String(rounds)}`);
  }
  const bytes = Object.fromEntries(names.map((name) => [name, variants[name].bytes]));
  return { warm, cold, refused, bytes: bytes as Record<VariantName, number> };
}
