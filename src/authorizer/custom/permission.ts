import type { AuthorizerRequest } from '../request.ts';
import type { AuthorizerContext } from '../../gateway/context.ts';
import type { DenialReason } from '../../core/decision/denial-reasons.ts';
import type { IdentitySource } from '../../gateway/identity-source.ts';
import type { Permitted } from '../../core/scopes/permitted.ts';
import type { EpochMs } from '../../core/keys/record.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../../storage/key-store.ts';

/** The caller was recognized, with its permissions. */
export interface Granted<Context> {
  readonly allowed: true;
  /** The permission that allowed the caller: `apiKey`, `jwt`, the name of a custom one, or several joined by `+`. */
  readonly authorizedBy: string;
  readonly principalId: string;
  readonly permitted: Permitted;
  readonly context: Context & AuthorizerContext;
  readonly keyId?: string | undefined;
  readonly usageIdentifier?: string | undefined;
  /** The errors of alternatives in `anyOf`, for the log. */
  readonly detail?: string | undefined;
  /** Called once the request is allowed. Must not throw. */
  readonly onAllowed?: (() => void) | undefined;
}

/** The caller was not recognized (401), or may do nothing (403). */
export interface Refused {
  readonly allowed: false;
  readonly status: 401 | 403;
  readonly reason: DenialReason;
  /** For the log; never for the caller. */
  readonly detail?: string | undefined;
  readonly keyId?: string | undefined;
}

export type PermissionResult<Context> = Granted<Context> | Refused;

/** A permission that is ready to check requests. */
export interface PreparedPermission<Context> {
  readonly name: string;
  /** All parts of a request that its result depends on. */
  readonly identitySources: readonly IdentitySource[];
  /** Whether every request that it allows has all of these parts. Only then can API Gateway cache by them. */
  readonly cacheable: boolean;
  /** @throws {Error} if it cannot decide. The request is then not allowed by it, and the message is logged. */
  check(request: AuthorizerRequest): Promise<PermissionResult<Context>>;
}

/** The input of {@link Permission.prepare}, which runs once, when the function starts. */
export interface Deployment {
  readonly settings: AuthorizerSettings;
  keys(): Promise<KeyReader & OwnerReader>;
  readonly now: () => EpochMs;
}

/**
 * One way to authorize a caller: `apiKey()`, `jwt()`, a custom `permission()`, or a combination by `anyOf()` or `allOf()`.
 */
export interface Permission<Context = AuthorizerContext> {
  /** Prepares the permission, once, when the function starts. `createAuthorizer` calls it; your code doesn't need to. */
  prepare(deployment: Deployment): PreparedPermission<Context> | Promise<PreparedPermission<Context>>;
}

/** Returns a refusal. */
export function refused(
  status: 401 | 403,
  reason: DenialReason,
  more: Pick<Refused, 'detail' | 'keyId'> = {},
): Refused {
  return { allowed: false, status, reason, ...more };
}
