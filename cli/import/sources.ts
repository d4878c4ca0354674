import { apiGateway } from './api-gateway.ts';
import { betterAuth } from './better-auth.ts';
import { drf } from './drf.ts';
import { generic } from './generic.ts';
import type { Source } from './source.ts';
import { unkey } from './unkey.ts';

/** The systems whose keys can be imported, by the value of `--from`. */
export const SOURCES = {
  drf,
  'better-auth': betterAuth,
  unkey,
  'api-gateway': apiGateway,
  generic,
} as const satisfies Record<string, Source>;

export type SourceName = keyof typeof SOURCES;

export const SOURCE_NAMES = Object.keys(SOURCES) as SourceName[];
