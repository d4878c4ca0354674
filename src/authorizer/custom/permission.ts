import type { AuthorizerRequest } from '../request.ts';
import type { AuthorizerContext } from '../../gateway/context.ts';
import type { DenialReason } from '../../core/decision/denial-reasons.ts';
import type { IdentitySource } from '../../gateway/identity-source.ts';
import type { Permitted } from '../../core/scopes/permitted.ts';
import type { EpochMs } from '../../core/keys/record.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../../storage/key-store.ts';

/** A caller was recognised, and may do this. */
export interface Granted<Context> {
  readonly allowed: true;
  /** By which permission: `apiKey`, `jwt`, one of a team's own, or several joined by `+`. */
  readonly authorizedBy: string;
  readonly principalId: string;
  readonly permitted: Permitted;
  readonly context: Context & AuthorizerContext;
  readonly keyId?: string | undefined;
  readonly usageIdentifier?: string | undefined;
  /** What went wrong with an alternative meanwhile, for the log. */
  readonly detail?: string | undefined;
  /** What is to be written down when the caller is let in. Must not throw. */
  readonly letIn?: (() => void) | undefined;
}

/** A caller was not recognised (401), or may do nothing (403). */
export interface Refused {
  readonly allowed: false;
  readonly status: 401 | 403;
  readonly reason: DenialReason;
  /** For the log; never for the caller. */
  readonly detail?: string | undefined;
  readonly keyId?: string | undefined;
}

export type Outcome<Context> = Granted<Context> | Refused;

/** A permission that is ready to be asked. */
export interface Guard<Context> {
  readonly name: string;
  /** All parts of a request that its answers depend on. */
  readonly identitySources: readonly IdentitySource[];
  /** Whether every request it could let in has all of these: only then can API Gateway cache by them. */
  readonly cacheable: boolean;
  /** @throws {Error} if it cannot decide; nobody gets in by it then, and the message goes into the log */
  check(request: AuthorizerRequest): Promise<Outcome<Context>>;
}

/** What a permission is made ready with, once, when the function starts. */
export interface Deployment {
  readonly settings: AuthorizerSettings;
  keys(): Promise<KeyReader & OwnerReader>;
  readonly now: () => EpochMs;
}

/**
 * One way to be let in: `apiKey()`, `jwt()`, `permission()` for one of your own, and `anyOf()` or `allOf()` of these.
 */
export interface Permission<Context = AuthorizerContext> {
  /** Makes it ready, once, when the function starts. Whoever only uses a permission need not know of it. */
  prepare(deployment: Deployment): Guard<Context> | Promise<Guard<Context>>;
}

/** A refusal, as a value. */
export function refused(
  status: 401 | 403,
  reason: DenialReason,
  more: Pick<Refused, 'detail' | 'keyId'> = {},
): Refused {
  return { allowed: false, status, reason, ...more };
}
