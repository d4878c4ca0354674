/**
 * The schema of the limiter's table, which is not the keys' own: every request writes here, often from functions
 * that must not touch a key, and nothing in it is worth a backup.
 *
 * | attribute | what |
 * | --- | --- |
 * | `id` | partition key: the prefix of the key that is counted, or of a note `<prefix>#<limit>#<allowed>` |
 * | `fullAt`, `quotaFrom`, `used` | a key's `Counters` |
 * | `limit`, `from`, `keyId`, … | a note, a `LimitReached`: written once per window, and read from the table's stream |
 * | `ttl` | seconds since the epoch, when the item says nothing any more |
 */
export const LIMITS_KEY_ATTRIBUTE = 'id';
export const LIMITS_TTL_ATTRIBUTE = 'ttl';

/** The environment variable that names the table to a function that counts. */
export const LIMITS_TABLE_VARIABLE = 'LATCHKEY_LIMITS_TABLE';
