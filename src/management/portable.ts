import type { ImportedFormat } from '../core/keys/imported-key.ts';
import type { Limits } from '../core/limits/limits.ts';
import type { Metadata } from '../core/keys/record.ts';
import type { Restrictions } from '../core/restrictions/restrictions.ts';

/**
 * A key as it leaves one table and enters another: all that a record holds, with times in ISO 8601. It has the
 * digest, or it would open nothing; the key itself nobody has.
 */
export interface PortableKey {
  readonly prefix: string;
  /** @default that of the deployment: other issuers know of no labels */
  readonly label?: string | undefined;
  readonly digest: string;
  readonly importedFrom?: ImportedFormat | undefined;
  readonly name: string;
  readonly ownerId?: string | undefined;
  readonly scopes?: string[] | undefined;
  readonly metadata?: Record<string, Metadata[string]> | undefined;
  readonly plan?: string | undefined;
  readonly limits?: Limits | undefined;
  readonly restrictions?: { [Kind in keyof Restrictions]: string[] | undefined } | undefined;
  readonly createdAt: string;
  readonly notBefore?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly revokedAt?: string | undefined;
  readonly revokedReason?: string | undefined;
  readonly replacedBy?: string | undefined;
  readonly rotatedFrom?: string | undefined;
  readonly countsAs?: string | undefined;
  /** How the key is identified to usage plans. @default 2 for a key without `countsAs` and `replacedBy` */
  readonly usageId?: 2 | undefined;
  readonly lastUsedAt?: string | undefined;
  /** @default 1 */
  readonly version?: number | undefined;
  /** Of the call that made it. */
  readonly idempotency?: { token: string; request: string } | undefined;
}
