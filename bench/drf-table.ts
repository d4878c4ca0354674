import { createHash, randomBytes } from 'node:crypto';
import { randomBase62 } from '../src/core/keys/base62.ts';

/**
 * Creates a CSV export of djangorestframework-api-key with random keys, to measure or interrupt an import:
 * `node bench/drf-table.ts 100000 > apikeys.csv`
 */
export function drfTable(count: number): { csv: string; prefixes: string[] } {
  const prefixes = Array.from({ length: count }, () => randomBase62(8, randomBytes));
  const rows = prefixes.map((prefix, index) => {
    const hash = createHash('sha512').update(String(index)).digest('hex');
    return `${prefix},sha512$$${hash},2024-01-01T00:00:00Z,client ${String(index)},False,`;
  });
  return { csv: ['prefix,hashed_key,created,name,revoked,expiry_date', ...rows].join('\n'), prefixes };
}

if (import.meta.main) console.log(drfTable(Number(process.argv[2])).csv);
