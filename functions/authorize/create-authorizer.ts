import { contextOf } from '../domain/context.ts';
import { findCredential } from '../domain/credential.ts';
import { decide, denied, underPlan, type Decision, type Denied } from '../domain/decision.ts';
import { digestOf, isSlowDigest } from '../domain/digest.ts';
import { readKey } from '../domain/imported-key.ts';
import type { UnverifiedKey } from '../domain/key.ts';
import { allowPolicy, denyPolicy, permits } from '../domain/policy.ts';
import type { KeyRecord } from '../domain/record.ts';
import type { AuthorizerSettings } from '../domain/settings.ts';
import { usageIdentifier } from '../domain/usage-identifier.ts';
import type { Limiter } from '../limit/limiter.ts';
import type { KeyReader, OwnerReader } from '../store/key-store.ts';
import { iamAnswer, simpleAnswer, UNAUTHORIZED, type AuthorizerAnswer } from './answer.ts';
import { withOwnerInGoodStanding } from './owner-standing.ts';
import type { Report, Reporter } from './report.ts';
import { readRequest, type AuthorizerEvent, type AuthorizerRequest } from './request.ts';
import { withinLimits } from './within-limits.ts';

export type Authorizer = (event: AuthorizerEvent) => Promise<AuthorizerAnswer>;

export interface AuthorizerDependencies {
  readonly keys: KeyReader;
  /** Tells which owners are suspended. @default nobody asks; must be there where the settings say that they can be */
  readonly owners?: OwnerReader | undefined;
  readonly report: Reporter;
  /** Sees to the keys' limits. @default the authorizer does not: the API behind it, or a usage plan */
  readonly limit?: Limiter | undefined;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * The authorizer: parse → look up → decide → answer.
 *
 * It throws `Unauthorized` when the request carries no key or none that is well-formed (API Gateway: 401), and
 * any other error when it cannot decide (500). Either way nobody gets in.
 */
export function createAuthorizer(
  settings: AuthorizerSettings,
  { keys, owners, report, limit, now = Date.now }: AuthorizerDependencies,
): Authorizer {
  // A suspension that nobody looks for would be none.
  if (settings.ownerSuspension && !owners) throw new TypeError('ownerSuspension needs owners');
  return async (event) => {
    const start = now();
    const note = (entry: Pick<Report, 'result'> & Partial<Report>) => {
      report({ label: settings.label, durationMs: now() - start, ...entry });
    };
    const request = readRequest(event);
    const about = { arn: request.route.arn, requestId: request.requestId };

    const key = parse(request, settings);
    if ('reason' in key) {
      note({ result: key.reason, ...about });
      throw UNAUTHORIZED;
    }
    const entry = { keyId: key.prefix, ...about };
    let decision: Decision;
    try {
      const record = await keys.get(key.prefix, { timeoutMs: settings.lookupTimeoutMs });
      decision = underPlan(decide(record, key, now()), settings.plans);
      if (owners !== undefined)
        decision = await withOwnerInGoodStanding(decision, owners, settings.lookupTimeoutMs - (now() - start));
      decision = await withinLimits(decision, limit);
    } catch (error) {
      note({ result: 'error', error: String(error), ...entry });
      throw new Error('the key could not be looked up', { cause: error });
    }
    const { result, answer } = respond(decision, key, request, settings);
    note({ result, ...entry });
    if (decision.allowed) {
      noteUse(decision.record);
      upgradeDigest(decision.record, key);
    }
    return answer;

    /**
     * Not awaited, so that it can neither delay nor lose the answer. If the environment is frozen before the
     * write is through, the record stays due and the key's next uncached use writes it.
     */
    function noteUse(used: KeyRecord): void {
      const intervalMs = settings.lastUsedIntervalSeconds * 1000;
      if (intervalMs === 0 || (used.lastUsedAt ?? -Infinity) > start - intervalMs) return;
      keys.touch(used.prefix, start, intervalMs).catch(warn('lastUsedAt not written', used));
    }

    /** As little awaited: the next use tries again. */
    function upgradeDigest(used: KeyRecord, { text }: UnverifiedKey): void {
      if (!isSlowDigest(used.digest)) return;
      keys.replaceDigest(used.prefix, used.digest, digestOf(text)).catch(warn('digest not upgraded', used));
    }
  };
}

/** Writes a line about what was not written. */
function warn(message: string, { prefix }: KeyRecord): (error: unknown) => void {
  return (error) => {
    console.warn(JSON.stringify({ level: 'WARN', message, keyId: prefix, error: String(error) }));
  };
}

function parse(request: AuthorizerRequest, settings: AuthorizerSettings): UnverifiedKey | Denied {
  const credential = findCredential(request.credentialParts, settings.keySources);
  if (credential.found === 'none') return denied('missing');
  if (credential.found === 'conflict') return denied('malformed');
  return readKey(credential.text, settings.label, settings.importedFormats) ?? denied('malformed');
}

function respond(
  decision: Decision,
  key: UnverifiedKey,
  { route, takesSimpleResponse }: AuthorizerRequest,
  settings: AuthorizerSettings,
): { result: Report['result']; answer: AuthorizerAnswer } {
  const policy = decision.allowed
    ? allowPolicy(decision.record.scopes, route.stageArn, settings.unscopedKeys)
    : denyPolicy(route.stageArn);
  // Who was refused, and why, is not the caller's to know.
  const context = decision.allowed ? contextOf(decision.record, settings.contextMetadata) : {};
  const identifier = decision.allowed && settings.usagePlans ? usageIdentifier(decision.record) : undefined;
  const simple = takesSimpleResponse && settings.httpResponse === 'simple';
  return {
    result: !decision.allowed ? decision.reason : permits(policy, route.arn) ? 'allowed' : 'scope',
    answer: simple ? simpleAnswer(policy, route.arn, context) : iamAnswer(key.prefix, policy, context, identifier),
  };
}
