import type { AuthorizerContext } from '../../gateway/context.ts';
import { canonical, distinct, isInEveryRequest } from '../../gateway/identity-source.ts';
import { bothPermit } from '../../core/scopes/permitted.ts';
import { HookError } from './hook.ts';
import type { Deployment, Granted, Permission, PreparedPermission, Refused } from './permission.ts';

/** The context that one permission adds. */
type ContextOf<One> = One extends Permission<infer Context> ? Context : never;
/** The context that several permissions add together. */
type ContextOfAll<All extends readonly unknown[]> = All extends readonly [infer First, ...infer Rest]
  ? ContextOf<First> & ContextOfAll<Rest>
  : unknown;

/**
 * Allows callers that at least one of several permissions allows. The permissions are checked in this order, and the first
 * that allows the caller decides. If one cannot decide, for example because of an outage, the next one is checked.
 *
 * API Gateway can cache the results only if all permissions read the same part of the request, such as the header
 * `Authorization` with different schemes, because it requires every identity source in each request.
 *
 * @example
 * createAuthorizer(anyOf(apiKey(), jwt(verifier)));
 */
export function anyOf<const All extends readonly [Permission<unknown>, ...Permission<unknown>[]]>(
  ...permissions: All
): Permission<ContextOf<All[number]>> {
  const prepare = async (deployment: Deployment): Promise<PreparedPermission<ContextOf<All[number]>>> => {
    const prepared = await prepareAll<ContextOf<All[number]>>(permissions, deployment);
    const requiredSources = prepared.map(({ identitySources }) => {
      // Every request has the others, so they don't prevent caching.
      const optional = distinct(identitySources).filter((source) => !isInEveryRequest(source));
      return JSON.stringify(optional.map(canonical).toSorted());
    });
    return {
      name: prepared.map(({ name }) => name).join('|'),
      identitySources: distinct(prepared.flatMap((one) => one.identitySources)),
      cacheable: prepared.every((one) => one.cacheable) && new Set(requiredSources).size === 1,
      check: async (request) => {
        const refusals: Refused[] = [];
        const failures: string[] = [];
        for (const permission of prepared) {
          try {
            const result = await permission.check(request);
            if (result.allowed) return failures.length === 0 ? result : { ...result, detail: failures.join('; ') };
            refusals.push(result);
          } catch (error) {
            failures.push(`${permission.name}: ${String(error)}`);
          }
        }
        if (failures.length > 0) throw new Error(failures.join('; '));
        return mostSpecific(refusals);
      },
    };
  };
  return { prepare };
}

/**
 * Allows callers that all of several permissions allow, to do what all of them permit. The API receives the fields that
 * each of them adds, and the `subject` of the first that has one. If two of them set another field to different values, the
 * request is rejected.
 *
 * @example
 * createAuthorizer(allOf(apiKey(), jwt(verifier)));
 */
export function allOf<const All extends readonly [Permission<unknown>, ...Permission<unknown>[]]>(
  ...permissions: All
): Permission<ContextOfAll<All>> {
  const prepare = async (deployment: Deployment): Promise<PreparedPermission<ContextOfAll<All>>> => {
    const prepared = await prepareAll<ContextOfAll<All>>(permissions, deployment);
    return {
      name: prepared.map(({ name }) => name).join('+'),
      identitySources: distinct(prepared.flatMap((one) => one.identitySources)),
      cacheable: prepared.every((one) => one.cacheable),
      check: async (request) => {
        let all: Granted<ContextOfAll<All>> | undefined;
        for (const permission of prepared) {
          const result = await permission.check(request);
          if (!result.allowed) return result;
          all = all === undefined ? result : combine(all, result);
        }
        if (all === undefined) throw new Error('allOf() needs at least one permission');
        return all;
      },
    };
  };
  return { prepare };
}

function prepareAll<Context>(
  permissions: readonly Permission<unknown>[],
  deployment: Deployment,
): Promise<PreparedPermission<Context>[]> {
  return Promise.all(permissions.map(async (one) => (await one.prepare(deployment)) as PreparedPermission<Context>));
}

/** Fields that may differ: the scopes are intersected, and the subject is that of the first permission. */
const MAY_DIFFER = ['scopes', 'subject'];

function combine<Context>(one: Granted<Context>, other: Granted<Context>): Granted<Context> {
  const clash = Object.keys(one.context).find(
    (field) => !MAY_DIFFER.includes(field) && field in other.context && one.context[field] !== other.context[field],
  );
  if (clash !== undefined)
    throw new HookError(
      `${one.authorizedBy} and ${other.authorizedBy} set the context field "${clash}" to different values`,
    );
  const context: AuthorizerContext = { ...other.context, ...one.context };
  return {
    allowed: true,
    authorizedBy: `${one.authorizedBy}+${other.authorizedBy}`,
    principalId: one.principalId,
    permitted: bothPermit(one.permitted, other.permitted),
    context: context as Context & AuthorizerContext,
    keyId: one.keyId ?? other.keyId,
    usageIdentifier: one.usageIdentifier ?? other.usageIdentifier,
    detail: [one.detail, other.detail].filter((text) => text !== undefined).join('; ') || undefined,
    onAllowed: () => {
      one.onAllowed?.();
      other.onAllowed?.();
    },
  };
}

/** Prefers a valid credential that was denied to an invalid one, and an invalid one to a missing one. */
function mostSpecific(refusals: readonly Refused[]): Refused {
  const weight = ({ status, reason }: Refused) => (status === 403 ? 2 : reason === 'missing' ? 0 : 1);
  return refusals.reduce((most, one) => (weight(one) > weight(most) ? one : most));
}
