/**
 * The schema of the limiter's table. It is separate from the table of keys, because every limited request writes to it, often
 * from functions that must not access keys, and its content needs no backup.
 *
 * | attribute | what |
 * | --- | --- |
 * | `id` | partition key: the prefix of the counted key; for a reached limit `<prefix>#<limit>#<allowed>` |
 * | `fullAt`, `quotaFrom`, `used` | a key's `Counters` |
 * | `limit`, `from`, `keyId`, … | a `LimitReached`: written once per window, and read from the table's stream |
 * | `ttl` | when the item is no longer needed, in seconds since the epoch |
 */
export const LIMITS_KEY_ATTRIBUTE = 'id';
export const LIMITS_TTL_ATTRIBUTE = 'ttl';

/** The environment variable with the table's name, for functions that count requests. */
export const LIMITS_TABLE_VARIABLE = 'LATCHKEY_LIMITS_TABLE';
